package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.Sender;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.secret.KeyRepository;
import io.pgcaretaker.email.secret.SealedSecret;
import io.pgcaretaker.email.smtp.SmtpSettings;
import io.pgcaretaker.email.template.Rendered;
import io.pgcaretaker.email.template.Templates;
import io.pgcaretaker.email.template.WrongVariablesException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Makes a mail of a request: who sends it, what it says, and until when it is of use. */
@ApplicationScoped
class Preparation {

    private final KeyRepository keys;
    private final Templates templates;
    private final EmailConfig config;
    private final ObjectMapper json;
    private final MailAddress defaultFrom;
    private final AllowedSenders senders;

    Preparation(KeyRepository keys, Templates templates, EmailConfig config, ObjectMapper json) {
        this.keys = keys;
        this.templates = templates;
        this.config = config;
        this.json = json;
        this.senders = new AllowedSenders(config.senders());
        this.defaultFrom = Sender.of(config, SmtpSettings.of(config));
    }

    MailAddress defaultFrom() {
        return defaultFrom;
    }

    void requireAcceptable(String caller, EmailRequest request) {
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

    /**
     * The mail with its id, its sender and its end.
     *
     * @throws RefusedException when a template's variables are wrong, or the sender is not the caller's to name
     */
    NewEmail prepare(String caller, EmailRequest request, Instant now) throws SQLException {
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
            // What ended long ago ends now: PostgreSQL knows no time before its own beginning.
            end = end.isBefore(now) ? now : end;
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
