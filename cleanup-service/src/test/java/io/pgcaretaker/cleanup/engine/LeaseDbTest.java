package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.database.DatabaseUrl;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What a run does outside of its batches may take longer than its lease. */
class LeaseDbTest extends CleanupDbTest {

    private static final Duration LEASE = Duration.ofSeconds(1);

    private final Items items = new Items(database);

    /** Replicas would take it from each other for ever, and each would count anew. */
    @ParameterizedTest
    @ValueSource(strings = {"shadow", "enforce"})
    void whoCountsForLongKeepsTheRun(String mode) throws Exception {
        items.addExpired(10);
        database.execute("""
                create function takes_time(t text) returns boolean language plpgsql as $$
                begin
                  if current_query() like '%caretaker.cleanup.count */%' then
                    perform pg_sleep(3);
                  end if;
                  return true;
                end $$;
                create domain kind as text check (takes_time(value));
                alter table items add kind kind;
                update items set kind = 'a';
                """);
        TestWorker worker = new TestWorker(
                database,
                Items.policy("P7D")
                        .with("filter", "[ { column: kind, in: [a] } ]")
                        .settings(Map.of("lease", "1s", "mode", mode)));
        UUID id = worker.begin("old-items");
        Claimed claimed = worker.claim(LEASE).orElseThrow();
        String until = run(id, "lease_until");

        CompletableFuture<Void> run =
                CompletableFuture.runAsync(() -> worker.engine().execute(claimed));

        String counting = "query like '%caretaker.cleanup.count */%' and a.state = 'active'";
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> run.isDone()
                        || database.queryLong(
                                        "select count(*) from caretaker.cleanup_run r, pg_stat_activity a where lease_until > '"
                                                + until
                                                + "' and pid <> pg_backend_pid() and datname = current_database() and "
                                                + counting)
                                > 0);
        assertThat(run).isNotDone();
        run.get(30, TimeUnit.SECONDS);
        assertThat(run(id, "state || ' ' || rows_matched")).isEqualTo("completed 10");
    }

    /** Sessions of before go on, each new one is refused: the run had failed, and its slot was over. */
    @Test
    void aRunWhoseRoleMayNotLogInForAWhileGoesOnWhenItMay() throws Exception {
        items.addExpired(10);
        String role = "rotated_" + UUID.randomUUID().toString().replace('-', '_');
        database.execute("create role " + role + " superuser login");
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser(role);
        TestWorker worker =
                new TestWorker(source, Items.policy("P7D").settings(Map.of("lease", "1s")), Clock.systemUTC());
        UUID id = worker.begin("old-items");
        Claimed claimed = worker.claim(LEASE).orElseThrow();

        worker.transactions.inOneSession(() -> {
            database.execute("alter role " + role + " nologin");
            worker.engine().execute(claimed);
        });
        assertThat(run(id, "state")).isEqualTo("running");

        database.execute("alter role " + role + " login");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            worker.worker.work();
            return run(id, "state").equals("completed");
        });
        assertThat(run(id, "rows_deleted")).isEqualTo("10");
        database.execute("drop role " + role);
    }

    /** However PostgreSQL plans it: what a worker has and does not work at stands still for the length of its lease. */
    @Test
    void aWorkerTakesOneRunAtATime() throws Exception {
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.settings(
                        Map.of(),
                        TestPolicy.of("old-one", "one", "P1D"),
                        TestPolicy.of("old-two", "two", "P1D"),
                        TestPolicy.of("old-three", "three", "P1D")));
        worker.begin("old-one");
        database.execute("analyze caretaker.cleanup_run");
        worker.begin("old-two");
        worker.begin("old-three");

        assertThat(worker.claim(Duration.ofMinutes(1))).isPresent();

        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run where state = 'running'"))
                .isOne();
    }

    /** A server that becomes a standby, or is set so: nothing can be written about the run either. */
    @Test
    void aRunThatFindsADatabaseWithoutWritesGoesOnWhenItTakesThem() throws Exception {
        items.addExpired(10);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser("postgres");
        source.setPassword("postgres");
        TestWorker worker = new TestWorker(source, Items.policy("P7D").settings(), Clock.systemUTC());
        UUID id = worker.begin("old-items");
        Claimed claimed = worker.claim(Duration.ofMillis(1)).orElseThrow();
        String name = text("select current_database()");
        database.execute("alter database " + name + " set default_transaction_read_only = on");

        worker.engine().execute(claimed);

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("running 0");
        database.execute("alter database " + name + " reset default_transaction_read_only");
        worker.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }
}
