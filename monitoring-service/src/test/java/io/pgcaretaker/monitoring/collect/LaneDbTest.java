package io.pgcaretaker.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneDbTest {

    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final TestDatabase database = TestDatabase.createMigrated();
    private final TickingClock clock = new TickingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final Probe probe = new Probe(database.url(), clock, DEADLINE);

    /** A collector of one statement. */
    private record Asks(String name, String sql, VersionRange versions) implements Collector {

        Asks(String name, String sql) {
            this(name, sql, VersionRange.ALL);
        }

        @Override
        public Pace pace() {
            return Pace.FAST;
        }

        @Override
        public String needs() {
            return "the grant pg_monitor";
        }

        @Override
        public List<Family> families() {
            return List.of();
        }

        @Override
        public Rows collect(Connection connection, Deadline deadline) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                return Rows.read(statement);
            }
        }
    }

    @AfterEach
    void close() {
        probe.close();
    }

    @Test
    void statementOverItsDeadlineIsCancelledAndTheOthersGoOn() {
        probe.run(List.of(new Asks("slow", "select pg_sleep(60)"), new Asks("quick", "select 1 as one")));

        assertThat(probe.readings.of("slow").outcome()).isEqualTo(CollectOutcome.TIMED_OUT);
        assertThat(probe.readings.of("quick").rows().single().count("one")).isOne();
        assertThat(probe.contact.loss()).isEmpty();
    }

    @Test
    void lookOfSeveralStatementsEndsAtItsDeadlineAndTheOthersGoOn() {
        // Each is well within the deadline, all together are not.
        String slow = "select count(*) from pg_sleep(0.6) where now() > ?";
        Collector activity = new ActivityCollector(Map.of("a", slow, "b", slow, "c", slow));

        probe.run(List.of(activity, new Asks("quick", "select 1 as one")));

        assertThat(probe.readings.of(activity.name()).outcome()).isEqualTo(CollectOutcome.TIMED_OUT);
        assertThat(probe.readings.of("quick").outcome()).isEqualTo(CollectOutcome.OK);
        assertThat(probe.contact.over()).isEmpty();
    }

    @Test
    void statementOfTheOperatorsThatFailsIsNamedAndWritesNothing() throws SQLException {
        database.execute("create table if not exists visits (at timestamptz)");
        Collector activity = new ActivityCollector(Map.of(
                "visits", "with gone as (delete from visits where at < ? returning 1) select count(*) from gone"));

        probe.run(List.of(activity));
        assertThat(probe.readings.of(activity.name()).outcome()).isEqualTo(CollectOutcome.FAILED);

        try (Connection connection = database.connect()) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> activity.collect(connection, Deadline.in(DEADLINE)))
                    .hasMessageContaining("caretaker.monitoring.activity.visits: ")
                    .hasMessageContaining("read-only transaction");
        }
    }

    @Test
    void lookInSessionOfItsOwnSharesItWithNobody() {
        Asks who = new Asks("who", "select pg_backend_pid() as pid");
        probe.run(List.of(who));
        long before = probe.readings.of("who").rows().single().count("pid");

        probe.runAlone(List.of(who));
        long alone = probe.readings.of("who").rows().single().count("pid");
        probe.run(List.of(who));
        long after = probe.readings.of("who").rows().single().count("pid");

        assertThat(alone).isNotIn(before, after);
    }

    @Test
    void passAfterTheEndLooksAtNothingAndIsNoFault() {
        probe.fast();
        probe.close();

        probe.run(List.of(new Asks("late", "select 1 as one")));

        assertThat(probe.readings.of("late").outcome()).isEqualTo(CollectOutcome.PENDING);
        assertThat(probe.contact.loss()).isEmpty();
    }

    @Test
    void missingGrantIsSkippedAndNotAskedAgainAtOnce() {
        Asks lacks = new Asks("lacks", "select * from no_such_view");

        probe.run(List.of(lacks));
        assertThat(probe.readings.of("lacks").outcome()).isEqualTo(CollectOutcome.SKIPPED);
        assertThat(probe.readings.of("lacks").reason()).isEqualTo("needs the grant pg_monitor");

        database.execute("create view no_such_view as select 1 as one");
        probe.run(List.of(lacks));
        assertThat(probe.readings.of("lacks").outcome()).isEqualTo(CollectOutcome.SKIPPED);

        clock.tick(Duration.ofMinutes(11));
        probe.run(List.of(lacks));
        assertThat(probe.readings.of("lacks").outcome()).isEqualTo(CollectOutcome.OK);
    }

    @Test
    void otherVersionsCollectorIsSkippedBeforeAndAfterAnOutageUnlessAnotherOfItsNameAnswers() {
        VersionRange future = new VersionRange(990_000, Integer.MAX_VALUE);
        List<Collector> collectors = List.of(
                new Asks("future", "select 1 as one", future),
                new Asks("both", "select 1 as one"),
                new Asks("both", "select 1 as one", future));
        probe.run(collectors);
        assertThat(probe.readings.of("future").outcome()).isEqualTo(CollectOutcome.SKIPPED);
        assertThat(probe.readings.of("future").reason()).isEqualTo("needs PostgreSQL 99 or newer");
        assertThat(probe.readings.of("both").outcome()).isEqualTo(CollectOutcome.OK);

        TestDatabase beside = TestDatabase.create();
        String name = database.url().replaceFirst(".*/", "");
        beside.execute("alter database " + name + " allow_connections false");
        probe.anew();
        probe.run(collectors);
        assertThat(probe.readings.of("future").outcome()).isEqualTo(CollectOutcome.NO_CONNECTION);

        beside.execute("alter database " + name + " allow_connections true");
        probe.run(collectors);
        assertThat(probe.readings.of("future").outcome()).isEqualTo(CollectOutcome.SKIPPED);
        assertThat(probe.readings.of("both").outcome()).isEqualTo(CollectOutcome.OK);
    }

    @Test
    void connectionEndedByAnAdministratorIsNoOutage() {
        probe.fast();
        database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                + " where application_name = 'caretaker-monitoring' and datname = current_database()");

        probe.fast();

        assertThat(probe.readings.of("server").outcome()).isEqualTo(CollectOutcome.OK);
        assertThat(probe.contact.loss()).isEmpty();
        assertThat(probe.contact.over()).isEmpty();
    }

    @Test
    void backendThatHangsIsCutAtTheDeadlineAndTheNextLookIsFresh() throws Exception {
        probe.fast();
        long backend = database.queryLong("select pid from pg_stat_activity"
                + " where application_name = 'caretaker-monitoring' and datname = current_database()");
        signal("STOP", backend);
        try {
            long start = System.nanoTime();

            probe.fast();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
            assertThat(probe.contact.current()).isPresent();
            assertThat(probe.readings.of("connections").outcome()).isEqualTo(CollectOutcome.NO_CONNECTION);

            probe.fast();
            assertThat(probe.readings.of("connections").outcome()).isEqualTo(CollectOutcome.OK);
            assertThat(probe.contact.current()).isEmpty();
        } finally {
            signal("CONT", backend);
        }
    }

    private static void signal(String name, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    @Test
    void tableUnderDdlLockHoldsUpNothing() throws SQLException {
        database.execute("create table busy (id int)");
        try (Connection ddl = database.connect();
                Statement statement = ddl.createStatement()) {
            ddl.setAutoCommit(false);
            statement.execute("alter table busy add column more text");

            probe.all();

            for (Collector collector : probe.collectors()) {
                assertThat(probe.readings.of(collector.name()).outcome())
                        .as(collector.name())
                        .isIn(CollectOutcome.OK, CollectOutcome.SKIPPED);
            }
            ddl.rollback();
        }
    }

    @Test
    void writesAreRefused() {
        probe.run(List.of(new Asks("writes", "create table stray (id int)")));

        assertThat(probe.readings.of("writes").outcome()).isEqualTo(CollectOutcome.FAILED);
        assertThat(database.queryLong("select count(*) from pg_class where relname = 'stray'"))
                .isZero();
    }

    @Test
    void wrongPasswordIsNotAnOutage() {
        // zonky trusts local logins, so the wrong thing here is the database's name.
        try (Probe stranger = new Probe(database.url() + "_not_there", clock, DEADLINE)) {
            stranger.fast();

            assertThat(stranger.contact.loss()).contains(Contact.Loss.LOGIN);
            assertThat(stranger.contact.current()).isEmpty();
            assertThat(stranger.readings.of("server").outcome()).isEqualTo(CollectOutcome.NO_CONNECTION);
        }
    }

    @Test
    void outageIsRememberedWithItsTimes() {
        Instant start = clock.instant();
        try (Probe nobody = new Probe("postgresql://postgres:x@127.0.0.1:1/none", clock, DEADLINE)) {
            nobody.fast();
            clock.tick(Duration.ofSeconds(5));
            nobody.fast();

            assertThat(nobody.contact.current()).contains(new Contact.Outage(start, null));
        }
    }
}
