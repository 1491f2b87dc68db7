package io.pgcaretaker.email.webhook;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.address.WebOrigin;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A receiver from the configuration, and only from there: no caller can make this service post anywhere.
 *
 * @param name in logs, metrics and answers, since the address may carry a token
 * @param events that it wants
 */
public record WebhookEndpoint(String name, URI url, WebhookSignature signature, List<String> events) {

    static final List<String> EVENTS =
            List.of("email.sent", "email.delivery_delayed", "email.failed", "email.bounced", "email.suppressed");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");

    public WebhookEndpoint {
        events = List.copyOf(events);
    }

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException naming the setting and its rule, never the value
     */
    public static List<WebhookEndpoint> of(EmailConfig config) {
        List<WebhookEndpoint> endpoints = new ArrayList<>();
        for (Map.Entry<String, EmailConfig.Webhook> entry : config.webhooks().entrySet()) {
            endpoints.add(of(entry.getKey(), entry.getValue()));
        }
        return endpoints;
    }

    private static WebhookEndpoint of(String name, EmailConfig.Webhook webhook) {
        String setting = "caretaker.email.webhooks.\"" + name + "\".";
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "caretaker.email.webhooks must have names of 1 to 40 ASCII letters, digits, _ and -");
        }
        if (WebOrigin.of(webhook.url()).isEmpty()) {
            throw new IllegalArgumentException(
                    setting + "url must be an http or https address without user and password");
        }
        for (String event : webhook.events()) {
            if (!EVENTS.contains(event)) {
                throw new IllegalArgumentException(setting + "events must be of " + EVENTS + ", but one is " + event);
            }
        }
        try {
            return new WebhookEndpoint(
                    name, URI.create(webhook.url()), WebhookSignature.of(webhook.secrets()), webhook.events());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + "secrets " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "WebhookEndpoint[" + name + "]";
    }
}
