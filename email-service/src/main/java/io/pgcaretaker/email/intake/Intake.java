package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.secret.KeyRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Accepts mails: what returns as accepted is committed. */
@ApplicationScoped
public class Intake {

    /** A transaction of many holds them all in memory, several times over. */
    private static final int MOST_SHARED_CHARACTERS = 65_536;

    private final IntakeRepository repository;
    private final GroupCommit together;
    private final KeyRepository keys;
    private final Preparation preparation;
    private final Clock clock;

    Intake(
            IntakeRepository repository,
            GroupCommit together,
            KeyRepository keys,
            Preparation preparation,
            Clock clock) {
        this.repository = repository;
        this.together = together;
        this.keys = keys;
        this.preparation = preparation;
        this.clock = clock;
    }

    /**
     * Who asks, and how to recognise the same request again.
     *
     * @param remember for how long the key stands for this request
     */
    public record Caller(
            String name, String endpoint, @Nullable String idempotencyKey, JsonNode request, Duration remember) {}

    /** Who mails come from when they name nobody. */
    public MailAddress defaultFrom() {
        return preparation.defaultFrom();
    }

    /**
     * Commits all of the mails or none.
     *
     * @throws RefusedException when a template's variables are wrong, or the sender is not the caller's to name
     */
    public AcceptOutcome accept(Caller caller, List<EmailRequest> requests) throws SQLException {
        Instant now = clock.instant();
        List<NewEmail> emails = new java.util.ArrayList<>();
        for (EmailRequest request : requests) {
            emails.add(preparation.prepare(caller.name(), request, now));
        }
        IdempotencyKey key = key(caller, now);
        if (key == null && emails.size() == 1 && isPlain(requests.get(0))) {
            NewEmail alone = emails.get(0);
            if (together.commit(alone)) {
                return new AcceptOutcome.Accepted(List.of(alone.id()), false);
            }
        }
        return repository.accept(emails, key);
    }

    /** True when a mail may share its commit with others: small, and nothing has to be asked of the database before. */
    private static boolean isPlain(EmailRequest request) {
        return request.template() == null
                && request.attachments().isEmpty()
                && length(request.content().html()) + length(request.content().text()) <= MOST_SHARED_CHARACTERS;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /**
     * Looks whether the sender is the caller's to name and a template can be filled, without keeping anything.
     *
     * @throws RefusedException when not
     */
    public void requireAcceptable(String caller, EmailRequest request) {
        preparation.requireAcceptable(caller, request);
    }

    private @Nullable IdempotencyKey key(Caller caller, Instant now) throws SQLException {
        if (caller.idempotencyKey() == null) {
            return null;
        }
        return new IdempotencyKey(
                caller.name(),
                caller.endpoint(),
                caller.idempotencyKey(),
                keys.key().fingerprint(CanonicalJson.of(caller.request())),
                now.plus(caller.remember()));
    }
}
