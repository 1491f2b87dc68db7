package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailOutbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    void opening(Connection connection, OpenIncident incident) throws SQLException {
        add(connection, incident, "opening", "firing", incident.value(), null);
    }

    void reminder(Connection connection, OpenIncident incident) throws SQLException {
        add(connection, incident, "reminder-" + (incident.reminders() + 1), "reminder", incident.value(), null);
    }

    void closing(Connection connection, OpenIncident incident, Instant resolvedAt, String value) throws SQLException {
        add(connection, incident, "closing", "resolved", value, resolvedAt);
    }

    private void add(
            Connection connection,
            OpenIncident incident,
            String occasion,
            String state,
            String value,
            @Nullable Instant resolvedAt)
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
                resolvedAt);
        String key = "incident-" + incident.id() + "-" + occasion;
        outbox.add(connection, new MailIntent(key, recipients, IncidentMail.TEMPLATE, variables(mail)));
    }

    private Map<String, Object> variables(IncidentMail mail) {
        Map<String, Object> variables = new HashMap<>(json.convertValue(mail, VARIABLES));
        variables.values().removeIf(Objects::isNull);
        return variables;
    }
}
