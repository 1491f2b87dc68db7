package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IncidentRetentionDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final IncidentRetention retention =
            new IncidentRetention(database.source(), Duration.ofDays(366), new TickingClock(Instant.now()));

    /** Incidents that began three years ago. */
    private void incidents(String rule, int number, String state, String resolvedAt) {
        database.execute("""
                insert into caretaker.incident (rule, fingerprint, severity, state, summary, value, threshold, advice,
                  pending_since, fired_at, last_seen_at, resolved_at)
                select '%1$s', '%1$s' || n, 'warning', '%3$s', 'full', '90', '80', 'look',
                  now() - interval '3 years', now() - interval '3 years', now(), %4$s
                from generate_series(1, %2$d) n
                """.formatted(rule, number, state, resolvedAt));
    }

    private String left(String table) throws SQLException {
        return text("select coalesce(string_agg(distinct rule, ' ' order by rule), '') from caretaker." + table);
    }

    private String text(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void whatEndedLongAgoGoesAndWhatIsOpenStays() throws Exception {
        incidents("ended-long-ago", IncidentRetention.BATCH + 1, "resolved", "now() - interval '367 days'");
        incidents("ended-within-the-year", 1, "resolved", "now() - interval '365 days'");
        incidents("still-open", 1, "firing", "null");

        retention.removeOld();

        assertThat(left("incident")).isEqualTo("ended-within-the-year still-open");
    }

    @Test
    void aSilenceGoesAsLongAfterItsEnd() throws Exception {
        database.execute("""
                insert into caretaker.silence (rule, reason, starts_at, ends_at, created_by)
                select rule, 'roll-out', now() - interval '3 years', ends_at, 'operator'
                from (values
                  ('ended-long-ago', now() - interval '367 days'),
                  ('ended-within-the-year', now() - interval '365 days')) ended (rule, ends_at)
                """);

        retention.removeOld();

        assertThat(left("silence")).isEqualTo("ended-within-the-year");
    }

    @Test
    void whoeverLooksForThemReadsNoneOfTheOthers() throws Exception {
        incidents("ended-within-the-year", 20_000, "resolved", "now() - interval '365 days'");
        database.execute("analyze caretaker.incident");

        assertThat(text("explain (format json) select id from caretaker.incident"
                        + " where resolved_at < now() - interval '366 days' order by resolved_at limit 5000"))
                .contains("incident_resolved_at");
    }
}
