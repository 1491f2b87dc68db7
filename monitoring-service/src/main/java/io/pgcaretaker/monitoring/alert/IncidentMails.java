package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailOutbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the mails of incidents as intents, in the transaction of the state they tell of. */
final class IncidentMails {

    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final MailOutbox outbox;
    private final ObjectMapper json;
    private final List<String> recipients;

    IncidentMails(MailOutbox outbox, ObjectMapper json, List<String> recipients) {
        this.outbox = outbox;
        this.json = json;
        this.recipients = List.copyOf(recipients);
    }

    /** False when nobody is to be written to. */
    boolean hasRecipients() {
        return !recipients.isEmpty();
    }

    /** One incident that is over. */
    record Closing(OpenIncident incident, Instant at, String value) {}

    /** One mail for all that opened, or is to be reminded of, at the same moment; the gravest first. */
    void told(Connection connection, MailPolicy.Kind kind, List<OpenIncident> incidents) throws SQLException {
        List<OpenIncident> sorted = incidents.stream()
                .sorted(Comparator.comparing(
                                (OpenIncident incident) -> !incident.severity().equals("critical"))
                        .thenComparing(OpenIncident::pendingSince)
                        .thenComparing(OpenIncident::id))
                .toList();
        OpenIncident first = sorted.get(0);
        boolean opening = kind == MailPolicy.Kind.OPENING;
        add(
                connection,
                first,
                opening ? "opening" : "reminder-" + (first.reminders() + 1),
                opening ? "firing" : "reminder",
                first.value(),
                null,
                others(sorted.stream().skip(1).map(other -> other(other, other.value()))));
    }

    /** One mail for all that closed at the same moment. */
    void closing(Connection connection, List<Closing> closings) throws SQLException {
        Closing first = closings.get(0);
        add(
                connection,
                first.incident(),
                "closing",
                "resolved",
                first.value(),
                first.at(),
                others(closings.stream().skip(1).map(other -> other(other.incident(), other.value()))));
    }

    private static IncidentMail.Other other(OpenIncident incident, String value) {
        return new IncidentMail.Other(incident.id().toString(), incident.severity(), incident.summary(), value);
    }

    /** Absent rather than empty: most incidents come alone. */
    private static @Nullable List<IncidentMail.Other> others(Stream<IncidentMail.Other> others) {
        List<IncidentMail.Other> all = others.toList();
        return all.isEmpty() ? null : all;
    }

    private void add(
            Connection connection,
            OpenIncident incident,
            String occasion,
            String state,
            String value,
            @Nullable Instant resolvedAt,
            @Nullable List<IncidentMail.Other> others)
            throws SQLException {
        IncidentMail mail = new IncidentMail(
                incident.id().toString(),
                incident.rule(),
                incident.severity(),
                state,
                incident.summary(),
                value,
                incident.threshold(),
                incident.advice(),
                incident.pendingSince(),
                resolvedAt,
                others);
        String key = "incident-" + incident.id() + "-" + occasion;
        outbox.add(connection, new MailIntent(key, recipients, IncidentMail.TEMPLATE, variables(mail)));
    }

    private Map<String, Object> variables(IncidentMail mail) {
        Map<String, Object> variables = new HashMap<>(json.convertValue(mail, VARIABLES));
        variables.values().removeIf(Objects::isNull);
        return variables;
    }
}
