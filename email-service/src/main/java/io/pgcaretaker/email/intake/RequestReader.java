package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.MailAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a request's JSON into a mail, or refuses it: whatever passes here can be sent. */
public final class RequestReader {

    public static final int MOST_RECIPIENTS = 50;

    private static final int MOST_TAGS = 75;
    /** RFC 5322, section 2.1.1. */
    private static final int LONGEST_LINE = 998;

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-]{1,256}");
    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final EmailConfig.Limits limits;
    private final AttachmentReader attachments;
    private final ObjectMapper json;

    public RequestReader(EmailConfig.Limits limits, ObjectMapper json) {
        this.limits = limits;
        this.attachments = new AttachmentReader(limits.attachments().asLongValue());
        this.json = json;
    }

    /**
     * Reads one mail.
     *
     * @throws RefusedException for the first thing that is wrong
     */
    public EmailRequest read(@Nullable JsonNode body, Instant now) {
        if (body == null || !body.isObject()) {
            throw new RefusedException(422, "validation_error", "The request body must be a JSON object.");
        }
        TemplateCall template = template(body.path("template"));
        EmailRequest.Content content = content(body, template);
        Envelope envelope = envelope(body, template);
        return new EmailRequest(
                envelope,
                content,
                template,
                attachments.read(JsonFields.arrayOrEmpty(body, "attachments")),
                tags(JsonFields.arrayOrEmpty(body, "tags")),
                ScheduledTime.read(JsonFields.text(body, "scheduled_at"), now, limits.schedule()));
    }

    private static Envelope envelope(JsonNode body, @Nullable TemplateCall template) {
        MailAddress from = JsonFields.address(body, "from");
        if (from == null && template == null) {
            throw RefusedException.missing("from");
        }
        List<MailAddress> to = JsonFields.addresses(body, "to");
        if (to.isEmpty()) {
            throw RefusedException.missing("to");
        }
        Envelope envelope = new Envelope(
                from,
                to,
                JsonFields.addresses(body, "cc"),
                JsonFields.addresses(body, "bcc"),
                JsonFields.addresses(body, "reply_to"));
        int recipients = to.size() + envelope.cc().size() + envelope.bcc().size();
        if (recipients > MOST_RECIPIENTS || envelope.replyTo().size() > MOST_RECIPIENTS) {
            throw RefusedException.invalid(
                    "to", "may hold at most " + MOST_RECIPIENTS + " recipients together with cc and bcc");
        }
        return envelope;
    }

    private EmailRequest.Content content(JsonNode body, @Nullable TemplateCall template) {
        String subject = JsonFields.line(body, "subject", LONGEST_LINE);
        String html = JsonFields.body(body, "html");
        String text = JsonFields.body(body, "text");
        if (template == null) {
            if (subject == null) {
                throw RefusedException.missing("subject");
            }
            if (html == null && text == null) {
                throw RefusedException.missing("html` or `text");
            }
        } else if (html != null || text != null) {
            throw RefusedException.invalid("template", "cannot come together with html or text");
        }
        if (bytes(html) + bytes(text) > limits.body().asLongValue()) {
            throw RefusedException.invalid(
                    "html", "may hold at most " + limits.body().asLongValue() + " bytes together with text");
        }
        return new EmailRequest.Content(subject, html, text, HeaderRules.read(body.path("headers")));
    }

    private static long bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private @Nullable TemplateCall template(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        JsonFields.requireObject(node, "template");
        String id = JsonFields.text(node, "id");
        if (id == null) {
            throw RefusedException.missing("template.id");
        }
        Kind kind = Kind.ofTemplate(id)
                .orElseThrow(() -> RefusedException.invalid("template.id", "must be a template of this service"));
        JsonNode variables = node.path("variables");
        if (variables.isMissingNode() || variables.isNull()) {
            return new TemplateCall(kind, Map.of());
        }
        JsonFields.requireObject(variables, "template.variables");
        return new TemplateCall(kind, json.convertValue(variables, VARIABLES));
    }

    private static List<Tag> tags(JsonNode nodes) {
        List<Tag> tags = new ArrayList<>();
        for (JsonNode node : nodes) {
            JsonFields.requireObject(node, "tags");
            tags.add(new Tag(tagPart(node, "name"), tagPart(node, "value")));
        }
        if (tags.size() > MOST_TAGS) {
            throw RefusedException.invalid("tags", "may hold at most " + MOST_TAGS);
        }
        return tags;
    }

    private static String tagPart(JsonNode node, String part) {
        String text = JsonFields.text(node, part);
        if (text == null || !TAG.matcher(text).matches()) {
            throw RefusedException.invalid(
                    "tags", "must have names and values of 1 to 256 ASCII letters, digits, _ and -");
        }
        return Objects.requireNonNull(text);
    }
}
