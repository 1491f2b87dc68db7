package io.pgcaretaker.monitoring.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsoleDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final Probe probe = new Probe(database.url(), Clock.systemUTC(), Duration.ofSeconds(10));

    @AfterEach
    void close() {
        probe.close();
    }

    private SessionAction action() {
        return new SessionAction(database.source(), Clock.systemUTC());
    }

    private List<Row> blocking() {
        probe.fast();
        return probe.readings.of("console_blocking").rows().list();
    }

    /** It was "0 of 100". */
    @Test
    void connectionsThatMayNotBeSeenAreNotNone() {
        String role = "weak_" + UUID.randomUUID().toString().replace("-", "");
        database.execute("create role " + role + " login password 'x'");
        try (Probe weak = new Probe(
                database.url().replace("postgres:postgres@", role + ":x@"),
                Clock.systemUTC(),
                Duration.ofSeconds(10))) {
            weak.fast();
            assertThat(weak.situation().connectionsLimit()).isPositive();
            assertThat(weak.situation().connectionsUsed()).isEmpty();
        } finally {
            database.execute("drop role " + role);
        }
        probe.fast();
        assertThat(probe.situation().connectionsUsed().orElseThrow()).isPositive();
    }

    @Test
    void whoWaitsStandsUnderWhoBlocksAndEndingTheBlockerFreesIt() throws Exception {
        database.execute("create table busy (id int)");
        try (Connection blocker = database.connect();
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("lock table busy in access exclusive mode");
            CompletableFuture<Long> reader =
                    CompletableFuture.supplyAsync(() -> database.queryLong("select count(*) from busy"));
            await().until(() -> blocking().size() == 2);

            List<BlockingTree.Node> roots = new BlockingTree(blocking()).roots();

            assertThat(roots).singleElement().satisfies(root -> {
                assertThat(root.session()).containsEntry("state", "idle in transaction");
                assertThat(root.blocks())
                        .singleElement()
                        .satisfies(waiter -> assertThat(waiter.session())
                                .containsEntry("wantsMode", "AccessShareLock")
                                .containsEntry("wantsObject", "public.busy"));
            });
            int pid = ((Number) roots.get(0).session().get("pid")).intValue();
            Instant started = (Instant) roots.get(0).session().get("startedAt");
            assertThat(action().run(SessionAction.Action.TERMINATE, pid, started.minusSeconds(1), "oper"))
                    .isEqualTo(SessionAction.Outcome.GONE);
            assertThat(action().run(SessionAction.Action.TERMINATE, pid, started, "oper"))
                    .isEqualTo(SessionAction.Outcome.SENT);
            assertThat(reader.get()).isZero();
        } catch (SQLException e) {
            // Its connection was ended on purpose; closing it says so.
            assertThat(e.getSQLState()).isIn("57P01", "08006", "08003");
        }
        assertThat(database.queryLong("select count(*) from caretaker.operator_action"
                        + " where action = 'terminate' and done_by = 'oper' and outcome = 'sent'"))
                .isOne();
    }

    @Test
    void theTreeIsNotEvenPlannedWhileNobodyWaits() {
        database.execute("create extension pg_stat_statements");

        assertThat(blocking()).isEmpty();

        assertThat(probe.readings.of("console_blocking").collectedAt()).isNotNull();
        assertThat(database.queryLong("""
                        select count(*) filter (where query like '%pg_blocking_pids(pid) as blockers%') * 1000
                          + count(*) filter (where query like '%select $1 from pg_stat_activity where wait_event_type = $2%')
                        from pg_stat_statements
                        where dbid = (select oid from pg_database where datname = current_database())
                        """)).isOne();
    }

    @Test
    void runningQueryIsCancelledAndOwnSessionsAreNot() throws Exception {
        CompletableFuture<Object> sleeper = CompletableFuture.supplyAsync(() -> {
            try {
                return database.queryLong("select count(*) from pg_sleep(60)");
            } catch (IllegalStateException e) {
                return e.getCause();
            }
        });
        await().until(() -> database.queryLong(
                        "select count(*) from pg_stat_activity where query like 'select count(*) from pg_sleep%'"
                                + " and state = 'active' and datname = current_database() and pid <> pg_backend_pid()")
                == 1);
        int pid = (int) database.queryLong("select pid from pg_stat_activity"
                + " where query like 'select count(*) from pg_sleep%' and datname = current_database()"
                + " and pid <> pg_backend_pid()");
        Instant started = Instant.ofEpochMilli(database.queryLong(
                "select floor(extract(epoch from backend_start) * 1000) from pg_stat_activity where pid = " + pid));

        assertThat(action().run(SessionAction.Action.CANCEL, pid, started, "oper"))
                .isEqualTo(SessionAction.Outcome.SENT);
        assertThat(sleeper.get()).isInstanceOf(SQLException.class);

        probe.fast();
        int own = (int) database.queryLong("select pid from pg_stat_activity"
                + " where application_name = 'caretaker-monitoring' and datname = current_database()");
        Instant ownStart = Instant.ofEpochMilli(database.queryLong(
                "select floor(extract(epoch from backend_start) * 1000) from pg_stat_activity where pid = " + own));
        assertThat(action().run(SessionAction.Action.TERMINATE, own, ownStart, "oper"))
                .isEqualTo(SessionAction.Outcome.OWN);

        List<OperatorAction> actions = Transaction.run(
                database.source(),
                "operator-action-list",
                connection -> new ActionRepository().list(connection, 0, 50));
        assertThat(actions).singleElement().satisfies(done -> {
            assertThat(done.by()).isEqualTo("oper");
            assertThat(done.pid()).isEqualTo(pid);
            assertThat(done.target()).contains("postgres");
            assertThat(List.of(done.action(), done.outcome())).containsExactly("cancel", "sent");
        });
    }

    @Test
    void whatUsersDoIsCountedForADayAndAWeekInUtc() {
        database.execute("""
                create table users (created_at timestamptz not null default now(), deleted_at timestamp);
                insert into users (created_at)
                select now() - age
                from unnest(array['23 hours', '25 hours', '6 days', '8 days']::interval[]) age;
                insert into users (created_at, deleted_at)
                select now() - interval '1 year', (now() at time zone 'UTC') - age
                from unnest(array['1 hour', '23 hours', '25 hours', '6 days', '8 days']::interval[]) age
                """);
        Map<String, String> activity = Map.of(
                "new users", "select count(*) from users where created_at >= ?",
                "deleted users", "select count(*) from users where deleted_at >= ?");

        try (Probe counting = Probe.withActivity(database.url(), Clock.systemUTC(), activity)) {
            counting.all();

            assertThat(new ConsoleParts(counting.situation())
                            .of("user_activity")
                            .rows())
                    .extracting(row -> row.get("what") + " " + row.get("in") + " " + row.get("count"))
                    .containsExactly(
                            "deleted users day 2", "deleted users week 4", "new users day 1", "new users week 3");
        }
    }

    @Test
    void treeOfSessionsThatWaitForEachOtherEnds() {
        List<Row> circle = List.of(
                new Row(Map.of("pid", 1, "blockedBy", "2")),
                new Row(Map.of("pid", 2, "blockedBy", "1")),
                new Row(Map.of("pid", 3, "blockedBy", "1,2")));

        List<BlockingTree.Node> roots = new BlockingTree(circle).roots();

        assertThat(roots).hasSize(1);
        assertThat(roots.get(0).blocks()).hasSize(2);
    }

    @Test
    void tablesAndIndexesShowTheirNumbersWithoutOpeningThem() throws Exception {
        database.execute("create table shelf (id int primary key, name text); insert into shelf select i, 'n' || i"
                + " from generate_series(1, 5000) i; create index shelf_name on shelf (name, (id + 1))");
        // Up to PostgreSQL 14 statistics are told to a process that writes them now and then; an insert that it hears
        // of only
        // after the vacuum is counted on top.
        await().until(() ->
                database.queryLong("select n_tup_ins from pg_stat_user_tables where relname = 'shelf'") == 5000);
        database.execute("vacuum analyze shelf");
        await().until(() ->
                database.queryLong("select n_live_tup from pg_stat_user_tables where relname = 'shelf'") == 5000);
        try (Connection ddl = database.connect();
                Statement statement = ddl.createStatement()) {
            ddl.setAutoCommit(false);
            statement.execute("alter table shelf add column more text");
            probe.all();
            ddl.rollback();
        }

        ConsoleParts parts = new ConsoleParts(probe.situation());
        assertThat(parts.page("console_tables", "tableBytes", 0, 50).rows())
                .filteredOn(row -> "shelf".equals(row.get("table")))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("rows", 5000.0)
                        .containsEntry("liveRows", 5000L)
                        .containsKey("lastVacuum"));
        assertThat(parts.of("console_indexes").rows())
                .filteredOn(row -> "shelf_name".equals(row.get("index")))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("columns", "name, (expression)")
                        .containsEntry("valid", true));
        assertThat(parts.of("console_horizon").status()).isEqualTo("ok");
        assertThat(parts.of("console_wraparound").rows()).isNotEmpty();
        assertThat(parts.of("never_heard_of").status()).isEqualTo("pending");
    }
}
