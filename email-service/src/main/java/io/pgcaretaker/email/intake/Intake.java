package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.Sender;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.delivery.SmtpSettings;
import io.pgcaretaker.email.secret.KeyRepository;
import io.pgcaretaker.email.secret.SealedSecret;
import io.pgcaretaker.email.template.Rendered;
import io.pgcaretaker.email.template.Templates;
import io.pgcaretaker.email.template.WrongVariablesException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Accepts mails: what returns as accepted is committed. */
@ApplicationScoped
public class Intake {

    /** A transaction of many holds them all in memory, several times over. */
    private static final int MOST_SHARED_CHARACTERS = 65_536;

    private final IntakeRepository repository;
    private final GroupCommit together;
    private final KeyRepository keys;
    private final Templates templates;
    private final EmailConfig config;
    private final ObjectMapper json;
    private final Clock clock;
    private final MailAddress defaultFrom;
    private final AllowedSenders senders;

    Intake(
            IntakeRepository repository,
            GroupCommit together,
            KeyRepository keys,
            Templates templates,
            EmailConfig config,
            ObjectMapper json,
            Clock clock) {
        this.repository = repository;
        this.together = together;
        this.keys = keys;
        this.templates = templates;
        this.config = config;
        this.json = json;
        this.clock = clock;
        this.senders = new AllowedSenders(config.senders());
        this.defaultFrom = Sender.of(config, SmtpSettings.of(config));
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
        return defaultFrom;
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
            emails.add(prepare(caller.name(), request, now));
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
    public static boolean isPlain(EmailRequest request) {
        return request.template() == null
                && request.attachments().isEmpty()
                && length(request.content().html()) + length(request.content().text()) <= MOST_SHARED_CHARACTERS;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /**
     * Commits a plain mail without a key, and blocks nobody meanwhile.
     *
     * @param alone runs what has to be tried alone, and blocks
     * @throws RefusedException when the sender is not the caller's to name
     */
    public CompletionStage<AcceptOutcome> accept(String caller, EmailRequest plain, Executor alone)
            throws SQLException {
        NewEmail email = prepare(caller, plain, clock.instant());
        return together.begin(email)
                .thenCompose(committed -> committed
                        ? CompletableFuture.completedStage(new AcceptOutcome.Accepted(List.of(email.id()), false))
                        : CompletableFuture.supplyAsync(() -> acceptAlone(email), alone));
    }

    private AcceptOutcome acceptAlone(NewEmail email) {
        try {
            return repository.accept(List.of(email), null);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    /**
     * Looks whether the sender is the caller's to name and a template can be filled, without keeping anything.
     *
     * @throws RefusedException when not
     */
    public void requireAcceptable(String caller, EmailRequest request) {
        requireSender(caller, request);
        TemplateCall template = request.template();
        if (template != null) {
            render(template);
        }
    }

    private void requireSender(String caller, EmailRequest request) {
        MailAddress from = request.envelope().from();
        if (from != null && !senders.allows(caller, from)) {
            throw new RefusedException(
                    422, "invalid_from_address", "Invalid `from` field: this API key may not send from this address.");
        }
    }

    private Rendered render(TemplateCall template) {
        try {
            return templates.render(template.kind(), template.variables());
        } catch (WrongVariablesException e) {
            throw RefusedException.invalid("template.variables." + e.variable(), e.rule());
        }
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

    private NewEmail prepare(String caller, EmailRequest request, Instant now) throws SQLException {
        requireSender(caller, request);
        UUID id = MailId.at(now);
        TemplateCall template = request.template();
        Kind kind = template == null ? Kind.PLAIN : template.kind();
        Instant from = request.scheduledAt() == null ? now : request.scheduledAt();
        Instant expiresAt = from.plus(kind.expiry(config.expiry()));
        NewEmail.Body body;
        if (template == null) {
            EmailRequest.Content content = request.content();
            body = new NewEmail.Body(
                    content.subject() == null ? "" : content.subject(),
                    content.html(),
                    content.text(),
                    content.headers(),
                    null);
        } else {
            body = body(id, request.content(), template);
            Instant end = templates.endsAt(kind, template.variables()).orElse(expiresAt);
            expiresAt = end.isBefore(expiresAt) ? end : expiresAt;
        }
        return new NewEmail(
                id,
                caller,
                kind,
                withSender(request.envelope()),
                body,
                request.attachments(),
                request.tags(),
                request.scheduledAt(),
                expiresAt);
    }

    private NewEmail.Body body(UUID id, EmailRequest.Content content, TemplateCall template) throws SQLException {
        Rendered rendered = render(template);
        String subject = content.subject() == null ? rendered.subject() : content.subject();
        if (!template.kind().isSecret()) {
            return new NewEmail.Body(subject, rendered.html(), rendered.text(), content.headers(), null);
        }
        SealedSecret secret = SealedSecret.seal(write(template.variables()), id, keys.key());
        return new NewEmail.Body(subject, null, null, content.headers(), secret);
    }

    private Envelope withSender(Envelope envelope) {
        return envelope.from() != null
                ? envelope
                : new Envelope(defaultFrom, envelope.to(), envelope.cc(), envelope.bcc(), envelope.replyTo());
    }

    private String write(Map<String, Object> variables) {
        try {
            return json.writeValueAsString(variables);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("variables came from JSON", e);
        }
    }
}
