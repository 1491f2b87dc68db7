package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.database.DatabaseUrl;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A run that may not go on now: nothing goes, and it is not lost. */
class WaitingRunDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    /** The window opened two hours ago or opens in two: a run outside of it waits, and nothing goes. */
    @Test
    void outsideOfItsWindowARunWaitsForTheNextOne() throws Exception {
        items.addExpired(10);
        LocalTime now = LocalTime.now(ZoneOffset.UTC);
        TestWorker worker = workerWithin(now.plusHours(2), now.plusHours(4));

        UUID id = worker.runNow("old-items");

        assertThat(items.count()).isEqualTo(10);
        assertThat(run(
                        id,
                        "state || ' ' || throttle || ' ' || (not_before > now() + interval '1 hour')"
                                + " || ' ' || (not_before < now() + interval '3 hours')"))
                .isEqualTo("waiting outside-window true true");

        worker.worker.work();
        assertThat(items.count()).as("nobody claims it before").isEqualTo(10);
        TestWorker open = workerWithin(now.minusHours(2), now.plusHours(2));
        database.execute("delete from caretaker.cleanup_run");
        open.runNow("old-items");

        assertThat(items.count()).isZero();
    }

    private TestWorker workerWithin(LocalTime from, LocalTime to) {
        TestPolicy policy = Items.policy("P7D")
                .with("age", "{ column: at, means: event, zone: UTC }")
                .with("window", "%tR-%tR".formatted(from, to));
        return new TestWorker(database, policy.settings());
    }

    @Test
    void theKillSwitchStopsEveryRunAndLosesNone() throws Exception {
        items.addExpired(5_000);
        database.execute("update caretaker.cleanup_switch set stopped = true");
        TestWorker worker = items.worker("P7D");

        UUID id = worker.runNow("old-items");
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("waiting 0");

        database.execute("update caretaker.cleanup_switch set stopped = false");
        Claimed claimed = worker.claim(Duration.ofMinutes(1)).orElseThrow();
        database.execute("update caretaker.cleanup_switch set stopped = true");
        worker.engine().execute(claimed);
        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || throttle"))
                .as("stopped amid the run")
                .isEqualTo("running 0 kill-switch");
        assertThat(items.count()).isEqualTo(5_000);

        database.execute("update caretaker.cleanup_switch set stopped = false");
        worker.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(throttle, '')"))
                .isEqualTo("completed 5000");
    }

    /** As after a restart, when everybody connects at once: the run has the one session that there is, and needs another. */
    @Test
    void aRunForWhichThereIsNoSessionIsTakenUpAgain() throws Exception {
        items.addExpired(10);
        String role = "few_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant all on schema caretaker, public to " + role
                + "; grant all on all tables in schema caretaker, public to " + role
                + "; grant all on all sequences in schema caretaker to " + role);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser(role);
        source.setPassword("postgres");
        TestWorker worker = new TestWorker(source, Items.policy("P7D").settings(), Clock.systemUTC());

        UUID id = worker.begin("old-items");
        Claimed claimed = worker.claim(Duration.ofMinutes(1)).orElseThrow();
        worker.transactions.inOneSession(() -> {
            database.execute("alter role " + role + " connection limit 1");
            worker.engine().execute(claimed);
        });

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("running 0");
        database.execute("alter role " + role + " connection limit -1");
        database.execute("update caretaker.cleanup_run set lease_until = clock_timestamp()");
        worker.worker.work();
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }

    /** The database's clock was a year ahead when it was given back, or when its owner died, and is right again. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "not_before = now() + interval '1 year'",
                "state = 'running', lease_until = now() + interval '1 year'"
            })
    void aRunWaitsForNoTimeThatNobodyGaveIt(String waits) throws Exception {
        items.addExpired(10);
        TestWorker worker = items.worker("P7D");
        UUID id = worker.begin("old-items");
        database.execute("update caretaker.cleanup_run set " + waits);

        worker.worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
    }

    /** What held it back holds nothing back any more. */
    @Test
    void aRunThatIsOverWaitsForNothing() throws Exception {
        items.addExpired(10);
        LocalTime now = LocalTime.now(ZoneOffset.UTC);
        TestWorker worker = workerWithin(now.plusHours(2), now.plusHours(4));
        UUID cancelled = worker.runNow("old-items");
        worker.requests.cancel(cancelled, "ops");
        UUID changed = worker.runNow("old-items");
        database.execute("update caretaker.cleanup_run set policy_hash = 'another', not_before = null");

        worker.worker.work();

        assertThat(run(cancelled, "state || coalesce(throttle, '')")).isEqualTo("cancelled");
        assertThat(run(changed, "state || ' ' || stop_reason || coalesce(throttle, '')"))
                .isEqualTo("cancelled policy-changed");
    }

    @Test
    void aRunThatRestsNoticesThatItIsPaused() throws Exception {
        items.addExpired(50_000);
        TestWorker slow = new TestWorker(database, Items.policy("P7D").settings(Map.of("rows-per-second", "1")));
        CompletableFuture<UUID> run = CompletableFuture.supplyAsync(() -> slow.runNow("old-items"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.cleanup_run where throttle = 'budget' and rows_deleted > 0")
                        == 1);

        slow.requests.pause(UUID.fromString(text("select id from caretaker.cleanup_run")), "ops");

        // Hundreds of rows at one a second: it would rest for minutes.
        UUID id = run.get(20, TimeUnit.SECONDS);
        assertThat(run(id, "state")).isEqualTo("paused");
        assertThat(items.count()).isPositive();
    }
}
