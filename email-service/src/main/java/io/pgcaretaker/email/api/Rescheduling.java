package io.pgcaretaker.email.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.intake.RefusedException;
import io.pgcaretaker.email.intake.ScheduledTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Changes when a mail goes out, or that it does, while it has not begun to. */
@ApplicationScoped
class Rescheduling {

    private final ReschedulingRepository repository;
    private final Duration furthest;
    private final WakeUp wakeUp;
    private final Clock clock;

    Rescheduling(ReschedulingRepository repository, EmailConfig config, WakeUp wakeUp, Clock clock) {
        this.repository = repository;
        this.furthest = config.limits().schedule();
        this.wakeUp = wakeUp;
        this.clock = clock;
    }

    void reschedule(UUID id, @Nullable JsonNode body) throws SQLException {
        JsonNode at = body == null ? null : body.path("scheduled_at");
        if (at == null || !at.isTextual()) {
            throw Answers.problem(422, "missing_required_field", "Missing `scheduled_at` field.");
        }
        Instant scheduledAt;
        try {
            scheduledAt = ScheduledTime.read(at.textValue(), clock.instant(), furthest);
        } catch (RefusedException e) {
            throw Answers.problem(e);
        }
        answer(repository.reschedule(id, java.util.Objects.requireNonNull(scheduledAt)), "updated");
        wakeUp.signal();
    }

    void cancel(UUID id) throws SQLException {
        answer(repository.cancel(id), "canceled");
    }

    private static void answer(ReschedulingRepository.Outcome outcome, String done) {
        switch (outcome) {
            case DONE -> {}
            case NO_SUCH_MAIL -> throw MailIds.notFound();
            case TOO_LATE ->
                throw Answers.problem(
                        422, "validation_error", "Only emails that wait for their time can be " + done + ".");
        }
    }
}
