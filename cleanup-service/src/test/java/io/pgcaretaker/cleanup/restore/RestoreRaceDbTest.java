package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Users whose window ends at this very moment, restored while the purge runs: each is either back or gone. */
class RestoreRaceDbTest extends CleanupDbTest {

    private static final int USERS = 200;

    @Test
    void exactlyOneOfTheTwoGetsEachRow() throws Exception {
        database.execute(
                "create table users (id bigint primary key, is_deleted boolean not null, deleted_at timestamp)");
        database.execute("insert into users select n, true, (now() at time zone 'UTC') - interval '30 days'"
                + " from generate_series(1, " + USERS + ") as n");
        database.execute("create index on users (deleted_at, id) where is_deleted;"
                + " create table files (id bigint primary key, owner bigint references users on delete cascade,"
                + " deleted_at timestamp); create index on files (owner); insert into files select n, n from"
                + " generate_series(1, " + USERS + ") as n; analyze");
        TestPolicy gone = TestPolicy.of(Policies.USERS, "users", "P30D")
                .age("deleted_at")
                .with("filter", "[ { column: is_deleted, is: true } ]")
                .with("restore", "[ { column: is_deleted, to: false }, { column: deleted_at, to: null } ]")
                .with(
                        "restore-dependents",
                        "[ { table: files, column: deleted_at, set: [ { column: deleted_at, to: null } ] } ]")
                .with("batch-target", "PT0.01S");
        TestWorker worker = new TestWorker(database, gone.settings());
        RetentionPolicy policy = worker.policy(Policies.USERS);
        Preflight preflight = worker.preflight();
        Table table = preflight.table(policy).orElseThrow();
        Restore restore = new Restore(worker.transactions, preflight);
        SortedSet<String> restored = new TreeSet<>();
        // From now on: the window ends during the next seconds, one user after the other.
        database.execute("update users set deleted_at = (clock_timestamp() at time zone 'UTC') - interval '30 days'"
                + " + (id - 100) * interval '20 milliseconds';"
                + " update files set deleted_at = (select deleted_at from users u where u.id = files.owner)");
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<?> restores = threads.submit(() -> {
                for (int n = USERS; n > 0; n--) {
                    RestoreOutcome outcome = restore.restore(new Restore.Wanted(
                            policy, table, new RowKey(List.of("id"), List.of(Integer.toString(n))), null, false));
                    if (outcome instanceof RestoreOutcome.Restored) {
                        restored.add(Integer.toString(n));
                    }
                }
            });
            while (!restores.isDone()) {
                worker.runNow(Policies.USERS);
            }
            restores.get();
        } finally {
            threads.shutdownNow();
        }
        worker.runNow(Policies.USERS);

        assertThat(restored).isNotEmpty();
        assertThat(texts("select id from users where not is_deleted")).isEqualTo(restored);
        assertThat(texts("select owner from files where deleted_at is null"))
                .as("each with its file, and nobody else's")
                .isEqualTo(restored);
        assertThat(2 * database.queryLong("select count(*) from users where is_deleted")
                        + 2L * restored.size()
                        + database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(2 * USERS);
    }
}
