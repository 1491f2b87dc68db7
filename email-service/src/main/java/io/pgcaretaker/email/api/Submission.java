package io.pgcaretaker.email.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.delivery.DeliveryMetrics;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.intake.AcceptOutcome;
import io.pgcaretaker.email.intake.EmailRequest;
import io.pgcaretaker.email.intake.Intake;
import io.pgcaretaker.email.intake.Outage;
import io.pgcaretaker.email.intake.RefusedException;
import io.pgcaretaker.email.intake.RequestReader;
import io.pgcaretaker.problem.ProblemException;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.unchecked.Unchecked;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.BadRequestException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** From a request's JSON to committed mails; wakes a worker then. */
@ApplicationScoped
class Submission {

    private static final Logger LOG = Logger.getLogger(Submission.class);

    /** What is read on the thread that it arrives on, which others' requests wait for: well under a millisecond. */
    private static final int SMALL_BYTES = 65_536;

    private final Intake intake;
    private final RequestReader reader;
    private final ObjectMapper json;
    private final Duration remember;
    private final WakeUp wakeUp;
    private final DeliveryMetrics metrics;
    private final SecurityIdentity identity;
    private final Clock clock;

    Submission(
            Intake intake,
            EmailConfig config,
            ObjectMapper json,
            WakeUp wakeUp,
            DeliveryMetrics metrics,
            SecurityIdentity identity,
            Clock clock) {
        this.intake = intake;
        this.reader = new RequestReader(config.limits(), json);
        this.json = json;
        this.remember = config.idempotencyRetention();
        this.wakeUp = wakeUp;
        this.metrics = metrics;
        this.identity = identity;
        this.clock = clock;
    }

    /** {@code POST /emails}. A small plain mail waits for its commit without a thread; all else gets one. */
    Uni<UUID> email(@Nullable String key, @Nullable RawJson raw) throws SQLException {
        String checkedKey = IdempotencyHeader.checked(key);
        String caller = identity.getPrincipal().getName();
        if (raw == null || raw.bytes().length > SMALL_BYTES) {
            return onWorker(() -> emailNow(caller, checkedKey, parse(raw)));
        }
        JsonNode body = parse(raw);
        EmailRequest request = read(body);
        if (checkedKey != null || !Intake.isPlain(request)) {
            return onWorker(() -> emailNow(caller, checkedKey, body));
        }
        try {
            return Uni.createFrom()
                    .completionStage(intake.accept(caller, request, Infrastructure.getDefaultWorkerPool()))
                    .onFailure(CompletionException.class)
                    .transform(Throwable::getCause)
                    .onFailure(SQLException.class)
                    .transform(Submission::refused)
                    .map(outcome -> taken(outcome).get(0));
        } catch (RefusedException e) {
            throw Answers.problem(e);
        }
    }

    private static Uni<UUID> onWorker(Callable<UUID> work) {
        return Uni.createFrom()
                .item(Unchecked.supplier(work::call))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    private JsonNode parse(@Nullable RawJson raw) {
        try {
            return json.readTree(raw == null ? new byte[0] : raw.bytes());
        } catch (IOException e) {
            throw new BadRequestException(e);
        }
    }

    private UUID emailNow(String caller, @Nullable String key, JsonNode body) throws SQLException {
        return accept(caller, "/emails", key, body, List.of(read(body))).get(0);
    }

    UUID one(String endpoint, @Nullable String key, @Nullable JsonNode body) throws SQLException {
        String checkedKey = IdempotencyHeader.checked(key);
        EmailRequest request = read(body);
        return accept(endpoint, checkedKey, java.util.Objects.requireNonNull(body), List.of(request))
                .get(0);
    }

    /** Reads one mail of a request. */
    EmailRequest read(@Nullable JsonNode body) {
        try {
            return reader.read(body, clock.instant());
        } catch (RefusedException e) {
            throw Answers.problem(e);
        }
    }

    /** Reads one mail of a batch, and renders it once to know that it can be. */
    EmailRequest prepared(@Nullable JsonNode body) {
        EmailRequest request = read(body);
        try {
            intake.requireAcceptable(identity.getPrincipal().getName(), request);
        } catch (RefusedException e) {
            throw Answers.problem(e);
        }
        return request;
    }

    List<UUID> accept(String endpoint, @Nullable String key, JsonNode request, List<EmailRequest> emails)
            throws SQLException {
        return accept(identity.getPrincipal().getName(), endpoint, key, request, emails);
    }

    private List<UUID> accept(
            String caller, String endpoint, @Nullable String key, JsonNode request, List<EmailRequest> emails)
            throws SQLException {
        try {
            return taken(intake.accept(new Intake.Caller(caller, endpoint, key, request, remember), emails));
        } catch (RefusedException e) {
            throw Answers.problem(e);
        } catch (SQLException e) {
            if (refused(e) instanceof ProblemException problem) {
                throw problem;
            }
            throw e;
        }
    }

    /** An outage is the caller's to repeat; anything else is a fault of ours. */
    private static Throwable refused(SQLException e) {
        if (!Outage.is(e)) {
            return e;
        }
        LOG.warnf("mail cannot be accepted now, the caller is told to repeat sqlState=%s", e.getSQLState());
        return Answers.problem(
                503, "service_unavailable", "Mail cannot be accepted at the moment. Repeat the request later.");
    }

    private List<UUID> taken(AcceptOutcome outcome) {
        List<UUID> ids = Answers.ids(outcome);
        if (outcome instanceof AcceptOutcome.Accepted accepted && !accepted.repeated()) {
            metrics.accepted(ids.size());
            wakeUp.signal();
        }
        return ids;
    }
}
