package io.pgcaretaker.monitoring.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Failed sign-ins of half a year are kept: those of the last minutes are counted every few seconds without reading them all. */
class FailedSignInsDbTest {

    private static final int EVENTS = 20_000;

    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void thoseOfLongAgoAreNotReadToCountTheLatest() throws SQLException, IOException {
        database.execute("""
                insert into caretaker.security_event (occurred_at, event, level, reported_by)
                select now() - (n - 3) * interval '1 hour', 'authn_login_fail', 'warning', 'test' from generate_series(1, %d) n
                """.formatted(EVENTS));
        database.execute("analyze caretaker.security_event");
        StringBuilder plan = new StringBuilder();
        try (Connection session = database.connect();
                PreparedStatement count =
                        session.prepareStatement("explain (analyze, costs off, timing off) " + statement())) {
            count.setInt(1, 300);
            try (ResultSet lines = count.executeQuery()) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
        }
        assertThat(plan.toString()).contains("Index Cond: ").doesNotContain("Rows Removed by Filter");
    }

    private static String statement() throws IOException {
        try (InputStream file = FailedSignInsDbTest.class.getResourceAsStream("/collectors/security_events.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
