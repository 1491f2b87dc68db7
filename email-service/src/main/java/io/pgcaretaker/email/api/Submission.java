package io.pgcaretaker.email.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.delivery.DeliveryMetrics;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.intake.AcceptOutcome;
import io.pgcaretaker.email.intake.EmailRequest;
import io.pgcaretaker.email.intake.Intake;
import io.pgcaretaker.email.intake.RefusedException;
import io.pgcaretaker.email.intake.RequestReader;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** From a request's JSON to committed mails; wakes a worker then. */
@ApplicationScoped
class Submission {

    private static final Logger LOG = Logger.getLogger(Submission.class);

    /** SQLSTATE: connection, resources, operator intervention, read-only, lock timeout. */
    private static final List<String> OUTAGES = List.of("08", "53", "57", "25006", "55P03");

    private final Intake intake;
    private final RequestReader reader;
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
        this.wakeUp = wakeUp;
        this.metrics = metrics;
        this.identity = identity;
        this.clock = clock;
    }

    /**
     * The database is away, full, read-only or too slow: nothing is wrong with the request. Without a state it is the
     * pool that has no connection.
     */
    private static boolean isOutage(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || OUTAGES.stream().anyMatch(state::startsWith);
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
            intake.requireRenderable(request);
        } catch (RefusedException e) {
            throw Answers.problem(e);
        }
        return request;
    }

    List<UUID> accept(String endpoint, @Nullable String key, JsonNode request, List<EmailRequest> emails)
            throws SQLException {
        AcceptOutcome outcome;
        try {
            outcome =
                    intake.accept(new Intake.Caller(identity.getPrincipal().getName(), endpoint, key, request), emails);
        } catch (RefusedException e) {
            throw Answers.problem(e);
        } catch (SQLException e) {
            if (!isOutage(e)) {
                throw e;
            }
            LOG.warnf("mail cannot be accepted now, the caller is told to repeat sqlState=%s", e.getSQLState());
            throw Answers.problem(
                    503, "service_unavailable", "Mail cannot be accepted at the moment. Repeat the request later.");
        }
        List<UUID> ids = Answers.ids(outcome);
        if (outcome instanceof AcceptOutcome.Accepted accepted && !accepted.repeated()) {
            metrics.accepted(ids.size());
            wakeUp.signal();
        }
        return ids;
    }
}
