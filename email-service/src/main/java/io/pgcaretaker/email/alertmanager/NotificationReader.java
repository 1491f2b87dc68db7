package io.pgcaretaker.email.alertmanager;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.address.WebOrigin;
import io.pgcaretaker.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a post of Alertmanager. Only what makes it no such post is refused, since Alertmanager drops what is: fields that
 * are not known are passed over, and those that are missing count as empty.
 */
final class NotificationReader {

    private static final String VERSION = "4";

    /** What browsers take. */
    private static final int LONGEST_LINK = 2_000;

    private NotificationReader() {}

    /**
     * Reads one.
     *
     * @throws ProblemException 400 when it is no post of version 4
     */
    static Notification read(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw ProblemException.badParameter("body", "must be a JSON object");
        }
        if (!body.path("version").asText().equals(VERSION)) {
            throw ProblemException.badParameter("version", "must be \"4\"");
        }
        String groupKey = body.path("groupKey").asText();
        if (groupKey.isEmpty()) {
            throw ProblemException.badParameter("groupKey", "must be there");
        }
        JsonNode alerts = body.path("alerts");
        if (!alerts.isArray() || alerts.isEmpty()) {
            throw ProblemException.badParameter("alerts", "must be an array of at least one alert");
        }
        List<Notification.Alert> read = new ArrayList<>();
        for (JsonNode alert : alerts) {
            read.add(alert(alert));
        }
        JsonNode reason = body.path("notification_reason");
        return new Notification(
                body.path("receiver").asText(),
                groupKey,
                reason.isTextual() ? reason.textValue() : null,
                Math.max(0, body.path("truncatedAlerts").asInt()),
                texts(body.path("groupLabels")),
                texts(body.path("commonLabels")),
                texts(body.path("commonAnnotations")),
                link(body.path("externalURL")),
                read);
    }

    private static Notification.Alert alert(JsonNode alert) {
        Map<String, String> labels = texts(alert.path("labels"));
        String fingerprint = alert.path("fingerprint").asText();
        return new Notification.Alert(
                !alert.path("status").asText().equals("resolved"),
                fingerprint.isEmpty() ? new java.util.TreeMap<>(labels).toString() : fingerprint,
                labels,
                texts(alert.path("annotations")),
                alert.path("startsAt").asText(),
                alert.path("endsAt").asText(),
                link(alert.path("generatorURL")));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            texts.put(field.getKey(), field.getValue().asText());
        }
        return texts;
    }

    /** Others' words: a link only when it leads to the web. */
    private static @Nullable String link(JsonNode node) {
        String text = node.asText();
        return text.length() <= LONGEST_LINK && WebOrigin.of(text).isPresent() ? text : null;
    }
}
