package io.pgcaretaker.outbox;

import java.util.List;
import java.util.Map;

/**
 * A mail that a service wants to be sent, written in the same transaction as the fact it tells of.
 *
 * @param key the idempotency key: the same key is the same mail, however often it is handed over (1 to 256 characters)
 * @param to the recipients' addresses, at least one
 * @param template a template of email-service, such as {@code run-report}
 * @param variables what the template shows; no secret, since the intent is kept until it is handed over
 */
public record MailIntent(String key, List<String> to, String template, Map<String, Object> variables) {

    public MailIntent {
        if (key.isEmpty() || key.length() > 256) {
            throw new IllegalArgumentException("key must be 1 to 256 characters, but has " + key.length());
        }
        if (to.isEmpty()) {
            throw new IllegalArgumentException("to must name at least one recipient");
        }
        to = List.copyOf(to);
        variables = Map.copyOf(variables);
    }

    @Override
    public String toString() {
        return "MailIntent[key=" + key + ", template=" + template + ", recipients=" + to.size() + "]";
    }
}
