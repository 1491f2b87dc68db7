package io.pgcaretaker.monitoring.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.alert.OutgoingRepository.Told;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/** Tells an Alertmanager or a webhook of incidents. Their state is in the database, so a restart forgets nobody. */
final class Outgoing {

    static final Duration DEADLINE = Duration.ofSeconds(5);
    /** An Alertmanager that was away is still told that something is over. */
    private static final Duration RESOLVED_FOR = Duration.ofMinutes(15);
    /** A webhook that was away for longer is not told any more. */
    private static final Duration UNTOLD_FOR = Duration.ofHours(24);

    /** A slow webhook is called no longer in one go, and the lease outlasts that with its last call. */
    private static final Duration ROUND = Duration.ofSeconds(20);

    private static final Duration LEASE = Duration.ofSeconds(40);

    private final Lease lease = new Lease(Lease.WEBHOOK, UUID.randomUUID(), LEASE);
    private final DataSource database;
    private final ObjectMapper json;
    private final Clock clock;
    private final OutgoingRepository incidents;
    private final Optional<String> publicUrl;
    private final Clients clients;

    /** Who is told. */
    record Clients(OutgoingClient alertmanager, OutgoingClient webhook) {

        static Clients of(Duration deadline, MeterRegistry meters) {
            return new Clients(
                    new OutgoingClient("alertmanager", deadline, meters),
                    new OutgoingClient("webhook", deadline, meters));
        }
    }

    /**
     * Tells with what it is given.
     *
     * @param publicUrl where people reach this service; without, an alert has no link to its incident
     */
    Outgoing(DataSource database, ObjectMapper json, Clock clock, Optional<String> publicUrl, Clients clients) {
        this.clients = clients;
        this.database = database;
        this.json = json;
        this.clock = clock;
        this.incidents = new OutgoingRepository(json);
        this.publicUrl = publicUrl;
    }

    /**
     * All present alerts at once. Repeating it is how Alertmanager wants it: what is not sent again ends there. Any replica
     * may do it, since equal labels are one alert.
     */
    boolean toAlertmanager(URI base) throws SQLException {
        Instant now = clock.instant();
        List<Told> present = Transaction.run(
                database, "alert-present", connection -> incidents.present(connection, now.minus(RESOLVED_FOR)));
        if (present.isEmpty()) {
            return true;
        }
        List<Map<String, Object>> alerts = present.stream().map(this::alert).toList();
        return clients.alertmanager()
                .post(URI.create(withoutSlash(base.toString()) + "/api/v2/alerts"), write(alerts), "");
    }

    private static String withoutSlash(String base) {
        return base.replaceFirst("/+$", "");
    }

    private Map<String, Object> alert(Told incident) {
        Map<String, String> labels = new LinkedHashMap<>(incident.labels());
        labels.put("alertname", incident.rule());
        labels.put("severity", incident.severity());
        labels.put("job", "caretaker");
        Map<String, Object> alert = new LinkedHashMap<>();
        alert.put("labels", labels);
        alert.put(
                "annotations",
                Map.of(
                        "summary", incident.summary(),
                        "description", incident.advice(),
                        "value", incident.value(),
                        "threshold", incident.threshold()));
        alert.put("startsAt", incident.startedAt().toString());
        if (incident.resolvedAt() != null) {
            alert.put("endsAt", incident.resolvedAt().toString());
        }
        publicUrl.ifPresent(
                url -> alert.put("generatorURL", withoutSlash(url) + "/api/monitoring/incidents/" + incident.id()));
        return alert;
    }

    /**
     * Each opening and each closing until it is taken; the key makes a repeat harmless. One replica does it, outside of any
     * transaction: a webhook that does not answer must not hold incidents that the rules are about to change. Returns how
     * many were taken.
     */
    int toWebhook(URI webhook) throws SQLException {
        Instant now = clock.instant();
        List<Told> untold = Transaction.run(database, "webhook-due", connection -> mine(connection, now));
        if (untold.isEmpty()) {
            return 0;
        }
        int taken = 0;
        for (Told incident : untold) {
            // Stopped for longer than the lease, somebody else is at it by now.
            if (clock.instant().isAfter(now.plus(ROUND)) || !tell(incident, webhook)) {
                break;
            }
            taken++;
        }
        Transaction.run(database, "webhook-leave", lease::release);
        return taken;
    }

    /** Nothing is written while nothing is due; under the lease it is looked up anew, since another may have told it. */
    private List<Told> mine(Connection connection, Instant now) throws SQLException {
        Instant since = now.minus(UNTOLD_FOR);
        boolean due = !incidents.untold(connection, since).isEmpty();
        return due && lease.acquire(connection) ? incidents.untold(connection, since) : List.of();
    }

    private boolean tell(Told incident, URI webhook) throws SQLException {
        boolean closing = incident.resolvedAt() != null;
        if (!clients.webhook().post(webhook, write(incident), incident.id() + (closing ? "-closing" : "-opening"))) {
            return false;
        }
        return Transaction.run(database, "webhook-told", connection -> {
            incidents.told(connection, incident.id(), closing, clock.instant());
            return true;
        });
    }

    private String write(Object body) {
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an incident is plain data", e);
        }
    }
}
