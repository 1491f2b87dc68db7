package io.pgcaretaker.monitoring.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class UpkeepDbTest {

    private static final Instant NOW = Instant.parse("2026-03-15T12:00:00Z");

    private final TestDatabase database = TestDatabase.createMigrated();
    private final Upkeep upkeep = new Upkeep(database.source(), Duration.ofDays(60));

    private void event(String at) {
        database.execute("insert into caretaker.security_event (occurred_at, event, level, reported_by) values ('" + at
                + "', 'authn_login_fail', 'warning', 'test')");
    }

    private long in(String table) {
        return database.queryLong("select count(*) from caretaker." + table);
    }

    @Test
    void eventThatCameBeforeItsPartitionMovesIntoIt() throws SQLException {
        event("2026-03-10T00:00:00Z");
        event("2026-03-31T23:59:59.999999Z");
        event("2026-04-01T00:00:00Z");
        assertThat(in("security_event_default")).isEqualTo(3);

        Upkeep.Outcome first = upkeep.run(NOW);
        Upkeep.Outcome second = upkeep.run(NOW);

        assertThat(first.created()).isEqualTo(3);
        assertThat(second).isEqualTo(new Upkeep.Outcome(0, 0, 0));
        assertThat(in("security_event_default")).isZero();
        assertThat(in("security_event_p2026_03")).isEqualTo(2);
        assertThat(in("security_event_p2026_04")).isOne();
        assertThat(in("security_event")).isEqualTo(3);
    }

    @Test
    void monthsAreDroppedOnlyWhenTheyAreWhollyOver() throws SQLException {
        upkeep.run(NOW);
        event("2026-02-01T00:00:00Z");
        event("2026-01-01T00:00:00Z");

        upkeep.run(Instant.parse("2026-04-29T23:59:59Z"));
        assertThat(in("security_event")).isEqualTo(1);

        Upkeep.Outcome done = upkeep.run(Instant.parse("2026-04-30T00:00:00Z"));
        assertThat(done.dropped()).isOne();
        assertThat(in("security_event")).isZero();
    }

    @Test
    void lateEventIsNeverRefused() throws SQLException {
        upkeep.run(NOW);

        event("2020-01-01T00:00:00Z");

        assertThat(in("security_event_default")).isOne();
        assertThat(upkeep.run(NOW).deleted()).isOne();
    }

    @Test
    void requestsOfABusyHourAreAgedOutInOneRun() throws SQLException {
        database.execute(
                "insert into caretaker.security_event_request (reported_by, idempotency_key, body_hash, accepted,"
                        + " created_at) select 'app', g::text, '', 1, timestamptz '2026-03-15 12:00Z' - g * interval '1 day'"
                        + " from generate_series(1, 5) g");
        database.execute(
                "insert into caretaker.security_event_request (reported_by, idempotency_key, body_hash, accepted,"
                        + " created_at) select 'busy', g::text, '', 1, timestamptz '2026-03-01 00:00Z' from generate_series(1, 3000) g");

        assertThat(upkeep.run(NOW).deleted()).isEqualTo(3000);

        assertThat(in("security_event_request")).isEqualTo(5);
    }

    @Test
    void monthWithMoreEventsThanCanBeMovedStaysAndHoldsNothingElseUp() throws SQLException {
        Upkeep small = new Upkeep(database.source(), Duration.ofDays(60), 2);
        event("2026-03-10T00:00:00Z");
        event("2026-03-11T00:00:00Z");
        event("2026-03-12T00:00:00Z");
        event("2026-02-10T00:00:00Z");
        event("2020-01-01T00:00:00Z");

        assertThat(small.run(NOW)).isEqualTo(new Upkeep.Outcome(2, 0, 1));

        assertThat(in("security_event_default")).isEqualTo(3);
        assertThat(in("security_event_p2026_02")).isOne();
        event("2026-04-01T00:00:00Z");
        assertThat(in("security_event_p2026_04")).isOne();
        assertThat(small.run(Instant.parse("2026-06-01T00:00:00Z")).deleted())
                .as("they age out one by one")
                .isEqualTo(3);
    }
}
