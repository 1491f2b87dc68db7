package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestPath;

/** Policies: what they are on this database, and what they would do. */
@Path("/api/cleanup/policies")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class PoliciesResource {

    /** For looks at the database while policies are listed: with two thousand of them that would be half a minute. */
    private static final Duration LOOKING = Duration.ofSeconds(2);

    private final Policies policies;
    private final Preflight preflight;
    private final Planner planner;
    private final Clock clock;

    PoliciesResource(
            Policies policies,
            Preflight preflight,
            Transactions transactions,
            Census census,
            CleanupConfig config,
            Clock clock) {
        this.policies = policies;
        this.preflight = preflight;
        this.planner = new Planner(policies, transactions, preflight, census, config.maxClockSkew(), clock);
        this.clock = clock;
    }

    /** All policies. */
    public record PolicyList(List<PolicyView> policies) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary = "The policies, each with its state on this database",
            description =
                    "Of very many, those that are not looked at within two seconds are told as they were found the last"
                            + " time, with that time as lookedAt")
    public PolicyList list() {
        return list(LOOKING);
    }

    PolicyList list(Duration looking) {
        long begin = System.nanoTime();
        return new PolicyList(policies.all().stream()
                .map(policy -> System.nanoTime() - begin < looking.toNanos() ? view(policy) : lastSeen(policy))
                .toList());
    }

    private PolicyView lastSeen(RetentionPolicy policy) {
        return preflight
                .last(policy)
                .map(last -> PolicyView.of(
                        policy,
                        last.word(),
                        last.reasons(),
                        clock.instant().minusNanos(System.nanoTime() - last.nanoTime())))
                .orElseGet(() -> view(policy));
    }

    @GET
    @Path("/{name}")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "One policy")
    public PolicyView one(@RestPath String name) {
        return view(policy(name));
    }

    @POST
    @Path("/{name}/plan")
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Dry run: what would go now, from which tables, and what every breaker would say")
    public Plan plan(@RestPath String name) {
        return planner.plan(policy(name));
    }

    private PolicyView view(RetentionPolicy policy) {
        return PolicyView.of(policy, preflight.check(policy));
    }

    private RetentionPolicy policy(String name) {
        return policies.find(name).orElseThrow(() -> ProblemException.notFound("there is no policy of that name"));
    }
}
