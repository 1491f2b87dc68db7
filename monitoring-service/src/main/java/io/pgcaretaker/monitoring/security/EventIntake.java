package io.pgcaretaker.monitoring.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.PropertyBindingException;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.problem.Problem.FieldError;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Takes in what the application reports: all of a batch or nothing of it. */
@Singleton
class EventIntake {

    static final int LARGEST_BATCH = 1000;

    /** What came of a report. */
    sealed interface Outcome {
        record Accepted(List<SecurityEvent> events) implements Outcome {}

        /** The key was used before for the same body: nothing was stored again. */
        record Repeated(int accepted) implements Outcome {}

        /** The key was used before for another body. */
        record KeyReused() implements Outcome {}

        /** Not JSON of the right shape. */
        record Malformed(List<FieldError> errors) implements Outcome {}

        record Invalid(List<FieldError> errors) implements Outcome {}
    }

    private final DataSource database;
    private final ObjectReader reader;
    private final Clock clock;
    private final EventPolicy policy = new EventPolicy(Vocabulary.load());
    private final EventRepository events = new EventRepository();
    private final Optional<String> configuredKey;
    private volatile @Nullable Pseudonyms pseudonyms;

    EventIntake(DataSource database, ObjectMapper json, Clock clock, MonitoringConfig config) {
        this.database = database;
        this.reader = json.readerFor(EventReport.class).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        this.clock = clock;
        this.configuredKey = config.security().pseudonymKey();
    }

    Outcome take(JsonNode body, @Nullable String idempotencyKey, String reportedBy) throws SQLException {
        List<FieldError> errors = new ArrayList<>();
        List<EventReport> reports = reports(body, errors);
        if (!errors.isEmpty()) {
            return new Outcome.Malformed(errors);
        }
        List<SecurityEvent> read = read(reports, body.isArray(), errors);
        if (!errors.isEmpty()) {
            return new Outcome.Invalid(errors);
        }
        String hash = idempotencyKey == null ? "" : sha256(body.toString());
        return Transaction.run(database, "security-event-take", connection -> {
            if (idempotencyKey != null) {
                Optional<EventRepository.Earlier> earlier =
                        events.claim(connection, reportedBy, idempotencyKey, hash, read.size());
                if (earlier.isPresent()) {
                    return earlier.get().bodyHash().equals(hash)
                            ? new Outcome.Repeated(earlier.get().accepted())
                            : new Outcome.KeyReused();
                }
            }
            events.insert(connection, read, reportedBy);
            return new Outcome.Accepted(read);
        });
    }

    private List<EventReport> reports(JsonNode body, List<FieldError> errors) {
        List<EventReport> reports = new ArrayList<>();
        if (!body.isArray() && !body.isObject()) {
            errors.add(new FieldError("body", "must be an event or an array of events"));
        } else if (body.isArray() && (body.isEmpty() || body.size() > LARGEST_BATCH)) {
            errors.add(new FieldError("body", "must hold 1 to " + LARGEST_BATCH + " events, but has " + body.size()));
        } else if (body.isObject()) {
            bind(body, "", reports, errors);
        } else {
            for (int i = 0; i < body.size(); i++) {
                bind(body.get(i), "[" + i + "].", reports, errors);
            }
        }
        return reports;
    }

    private void bind(JsonNode event, String place, List<EventReport> reports, List<FieldError> errors) {
        if (!event.isObject()) {
            errors.add(new FieldError(place.isEmpty() ? "body" : place, "must be an event, that is an object"));
            return;
        }
        try {
            reports.add(reader.readValue(event));
        } catch (PropertyBindingException e) {
            errors.add(new FieldError(place + e.getPropertyName(), "is not a known field"));
        } catch (JsonMappingException e) {
            String field = e.getPath().isEmpty() ? "" : e.getPath().get(0).getFieldName();
            errors.add(new FieldError(place + field, "has the wrong type"));
        } catch (JsonProcessingException e) {
            errors.add(new FieldError(place, "cannot be read"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<SecurityEvent> read(List<EventReport> reports, boolean batch, List<FieldError> errors)
            throws SQLException {
        Pseudonyms names = pseudonyms();
        Instant now = clock.instant();
        List<SecurityEvent> read = new ArrayList<>();
        for (int i = 0; i < reports.size(); i++) {
            SecurityEvent event = policy.read(reports.get(i), batch ? "[" + i + "]." : "", names, now, errors);
            if (event != null) {
                read.add(event);
            }
        }
        return read;
    }

    private Pseudonyms pseudonyms() throws SQLException {
        Pseudonyms known = pseudonyms;
        if (known == null) {
            String key = configuredKey.isPresent()
                    ? configuredKey.get()
                    : Transaction.run(database, "security-pseudonym-key", events::pseudonymKey);
            known = new Pseudonyms(key);
            pseudonyms = known;
        }
        return known;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
