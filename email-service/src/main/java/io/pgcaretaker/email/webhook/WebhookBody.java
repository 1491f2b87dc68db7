package io.pgcaretaker.email.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** An event in Resend's words; {@code to} is the one recipient that it is about. The same bytes at every attempt. */
final class WebhookBody {

    private static final String NO_WORDS = "no reply";

    private final ObjectMapper json;

    WebhookBody(ObjectMapper json) {
        this.json = json;
    }

    String of(WebhookEvent event) {
        ObjectNode body = json.createObjectNode();
        body.put("type", event.type());
        body.put("created_at", event.occurredAt().toString());
        ObjectNode data = body.putObject("data");
        WebhookEvent.Mail mail = event.mail();
        data.put("email_id", mail.emailId().toString());
        data.put("message_id", mail.messageId());
        data.put("created_at", mail.createdAt().toString());
        data.put("from", mail.from());
        data.putArray("to").add(mail.recipient());
        data.put("subject", mail.subject());
        ObjectNode tags = data.putObject("tags");
        try {
            for (JsonNode tag : json.readTree(mail.tags())) {
                tags.put(tag.path("name").asText(), tag.path("value").asText());
            }
            explain(event, data);
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored mail's tags are JSON", e);
        }
    }

    private static void explain(WebhookEvent event, ObjectNode data) {
        String reply = event.reply() == null ? NO_WORDS : event.reply();
        switch (event.type()) {
            case "email.bounced" -> {
                ObjectNode bounce = data.putObject("bounce");
                bounce.put("type", "Permanent");
                bounce.put("subType", "General");
                bounce.put("message", reply);
                bounce.putArray("diagnosticCode").add("smtp; " + reply);
            }
            case "email.failed" -> data.putObject("failed").put("reason", reply);
            case "email.suppressed" -> {
                ObjectNode suppressed = data.putObject("suppressed");
                suppressed.put("type", "OnAccountSuppressionList");
                suppressed.put("message", "the address is on the suppression list");
            }
            default -> {}
        }
    }
}
