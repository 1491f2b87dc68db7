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
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** From a request's JSON to committed mails; wakes a worker then. */
@ApplicationScoped
class Submission {

    private static final Logger LOG = Logger.getLogger(Submission.class);

    private final Intake intake;
    private final RequestReader reader;
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
        this.remember = config.idempotencyRetention();
        this.wakeUp = wakeUp;
        this.metrics = metrics;
        this.identity = identity;
        this.clock = clock;
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
        AcceptOutcome outcome;
        try {
            outcome = intake.accept(
                    new Intake.Caller(identity.getPrincipal().getName(), endpoint, key, request, remember), emails);
        } catch (RefusedException e) {
            throw Answers.problem(e);
        } catch (SQLException e) {
            if (!Outage.is(e)) {
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
