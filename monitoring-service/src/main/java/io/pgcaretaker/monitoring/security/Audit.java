package io.pgcaretaker.monitoring.security;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.monitoring.checks.CheckResult;
import io.pgcaretaker.monitoring.collect.HeavyLane;
import io.pgcaretaker.monitoring.collect.Readings;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Audits the database's security: checks as data ({@code audit/*.sql}), each result kept whole. */
@Singleton
class Audit {

    /**
     * One audit.
     *
     * @param checks a list of {@link CheckResult}
     */
    public record AuditResult(
            UUID id,
            Instant ranAt,
            String requestedBy,
            int passed,
            int failed,
            int skipped,

            @Schema(implementation = CheckResult[].class) @JsonRawValue
            String checks) {}

    private final DataSource database;
    private final HeavyLane lane;
    private final Readings readings;
    private final ObjectMapper json;
    private final Clock clock;
    private final List<Check> checks = Check.folder("audit");

    Audit(DataSource database, HeavyLane lane, Readings readings, ObjectMapper json, Clock clock) {
        this.database = database;
        this.lane = lane;
        this.readings = readings;
        this.json = json;
        this.clock = clock;
    }

    /** Runs one, unless this caller asked with the same key before: then that one. */
    AuditResult run(String requestedBy, @Nullable String idempotencyKey) throws SQLException {
        if (idempotencyKey != null) {
            Optional<AuditResult> earlier = Transaction.run(
                    database, "audit-earlier", connection -> earlier(connection, requestedBy, idempotencyKey));
            if (earlier.isPresent()) {
                return earlier.get();
            }
        }
        Instant now = clock.instant();
        lane.passAnew(checks.stream().map(Check::collector).toList());
        List<CheckResult> results = checks.stream()
                .map(check ->
                        CheckResult.of(check, readings.of(check.collector().name())))
                .toList();
        return Transaction.run(
                database, "audit-keep", connection -> keep(connection, results, now, requestedBy, idempotencyKey));
    }

    Optional<AuditResult> last() throws SQLException {
        return Transaction.run(database, "audit-last", connection -> {
            String sql = """
                    /* caretaker.audit-last */
                    select id, ran_at, requested_by, passed, failed, skipped, checks
                    from caretaker.audit_result
                    order by ran_at desc, id
                    limit 1
                    """;
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                return first(statement);
            }
        });
    }

    private static Optional<AuditResult> earlier(Connection connection, String requestedBy, String key)
            throws SQLException {
        String sql = """
                /* caretaker.audit-earlier */
                select id, ran_at, requested_by, passed, failed, skipped, checks
                from caretaker.audit_result
                where requested_by = ?
                  and idempotency_key = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, requestedBy);
            statement.setString(2, key);
            return first(statement);
        }
    }

    private AuditResult keep(
            Connection connection, List<CheckResult> results, Instant now, String requestedBy, @Nullable String key)
            throws SQLException {
        String sql = """
                /* caretaker.audit-keep */
                insert into caretaker.audit_result (ran_at, requested_by, idempotency_key, passed, failed, skipped, checks)
                values (?, ?, ?, ?, ?, ?, ?::jsonb)
                on conflict (requested_by, idempotency_key) do update set idempotency_key = excluded.idempotency_key
                returning id, ran_at, requested_by, passed, failed, skipped, checks
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, requestedBy);
            statement.setString(3, key);
            statement.setInt(4, count(results, List.of("ok")));
            statement.setInt(5, count(results, List.of("finding")));
            statement.setInt(6, count(results, List.of("skipped", "failed", "pending")));
            statement.setString(7, write(results));
            return first(statement).orElseThrow(() -> new SQLException("the audit was not kept"));
        }
    }

    private static int count(List<CheckResult> results, List<String> statuses) {
        return (int) results.stream()
                .filter(result -> statuses.contains(result.status()))
                .count();
    }

    private static Optional<AuditResult> first(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                return Optional.empty();
            }
            return Optional.of(new AuditResult(
                    rows.getObject("id", UUID.class),
                    rows.getObject("ran_at", OffsetDateTime.class).toInstant(),
                    rows.getString("requested_by"),
                    rows.getInt("passed"),
                    rows.getInt("failed"),
                    rows.getInt("skipped"),
                    rows.getString("checks")));
        }
    }

    private String write(List<CheckResult> results) {
        try {
            return json.writeValueAsString(results);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("check results are plain records", e);
        }
    }
}
