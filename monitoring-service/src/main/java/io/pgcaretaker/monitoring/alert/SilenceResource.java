package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.StrictJson;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.monitoring.Silence;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.panache.common.Sort;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Times without mail; what happens in them is recorded all the same. */
@NeedsDatabase
@CustomDeserialization(StrictJson.class)
@Path("/api/monitoring/silences")
@Produces(MediaType.APPLICATION_JSON)
public class SilenceResource {

    /** A longer one is a rule that should be changed. */
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final int READ_DEADLINE_MILLIS = 5000;

    private final List<Rule> rules;
    private final Clock clock;
    private final SecurityIdentity caller;

    SilenceResource(List<Rule> rules, Clock clock, SecurityIdentity caller) {
        this.rules = rules;
        this.clock = clock;
        this.caller = caller;
    }

    /** As people see it; without a rule it is for every rule, without labels for whatever labels. */
    public record SilenceView(
            UUID id,
            @Nullable String rule,
            Map<String, String> labels,
            String reason,
            Instant startsAt,
            Instant endsAt,
            Instant createdAt,
            String createdBy) {

        static SilenceView of(Silence silence) {
            return new SilenceView(
                    silence.id,
                    silence.rule,
                    silence.labels,
                    silence.reason,
                    silence.startsAt,
                    silence.endsAt,
                    silence.createdAt,
                    silence.createdBy);
        }
    }

    /** Begins now when it has no start. */
    public record SilenceRequest(
            @Nullable String rule,

            @Size(max = 10, message = "must be at most 10") @Nullable
            Map<
                            @Pattern(regexp = "[a-z_][a-z0-9_]{0,62}", message = "must be a label: a-z, 0-9 and _")
                            String,
                            @NotNull(message = "must have a value")
                            @Size(max = 500, message = "must have at most 500 characters")
                            @Pattern(regexp = StrictJson.NO_NUL, message = StrictJson.NO_NUL_RULE) String>
                    labels,

            @NotBlank(message = "must say why")
            @Size(max = 500, message = "must have at most 500 characters")
            @Pattern(regexp = StrictJson.NO_NUL, message = StrictJson.NO_NUL_RULE)
            String reason,

            @Nullable Instant startsAt,

            @NotNull(message = "must be given: a silence has an end")
            Instant endsAt) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Silences, the last to end first")
    public Page<SilenceView> list(
            @QueryParam("page") @DefaultValue("0") int page, @QueryParam("size") @DefaultValue("50") int size) {
        Page.check(page, size);
        PanacheQuery<Silence> query = Silence.<Silence>findAll(
                        Sort.descending("endsAt").and("id"))
                .withHint("jakarta.persistence.query.timeout", READ_DEADLINE_MILLIS);
        return new Page<>(
                query.page(page, size).list().stream().map(SilenceView::of).toList(), page, size, query.count());
    }

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Transactional
    @Operation(summary = "Hold back mail about one rule, incidents with some labels, or all, until an end")
    @APIResponse(
            responseCode = "201",
            description = "It holds from its begin on",
            content = @Content(schema = @Schema(implementation = SilenceView.class)))
    public RestResponse<SilenceView> add(@Valid @NotNull(message = "must be a silence") SilenceRequest request) {
        Instant now = clock.instant();
        Instant start = request.startsAt() == null ? now : request.startsAt();
        check(request, start, now);
        Silence silence = new Silence();
        silence.id = UUID.randomUUID();
        silence.rule = request.rule();
        silence.labels = request.labels() == null ? Map.of() : Map.copyOf(request.labels());
        silence.reason = request.reason().strip();
        silence.startsAt = start;
        silence.endsAt = request.endsAt();
        silence.createdAt = now;
        silence.createdBy = caller.getPrincipal().getName();
        silence.persist();
        return RestResponse.status(RestResponse.Status.CREATED, SilenceView.of(silence));
    }

    @DELETE
    @Path("/{id}")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Transactional
    @Operation(summary = "End a silence now; it stays in the list")
    public SilenceView end(@PathParam("id") UUID id) {
        Silence silence =
                Silence.<Silence>findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("no such silence"));
        Instant now = clock.instant();
        if (!silence.endsAt.isAfter(now)) {
            throw ProblemException.conflict("the silence has ended at " + silence.endsAt);
        }
        // One that has not begun never does; an end is after its start.
        silence.startsAt = silence.startsAt.isBefore(now) ? silence.startsAt : now.minusMillis(1);
        silence.endsAt = now;
        return SilenceView.of(silence);
    }

    private void check(SilenceRequest request, Instant start, Instant now) {
        if (request.rule() != null
                && rules.stream().noneMatch(rule -> rule.name().equals(request.rule()))) {
            throw ProblemException.invalidField(
                    "rule", "must be one of " + StandingRules.names(rules) + ", or be left out for all");
        }
        if (!request.endsAt().isAfter(start) || !request.endsAt().isAfter(now)) {
            throw ProblemException.invalidField("endsAt", "must be after startsAt and after now");
        }
        if (request.endsAt().isAfter(start.plus(LONGEST))) {
            throw ProblemException.invalidField(
                    "endsAt", "must be at most " + LONGEST.toDays() + " days after startsAt");
        }
    }
}
