package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.plan.Preflight;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.run.TestWorker;
import io.pgcaretaker.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Users whose window ends at this very moment, restored while the purge runs: each is either back or gone. */
class RestoreRaceDbTest {

    private static final int USERS = 600;

    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void exactlyOneOfTheTwoGetsEachRow() throws Exception {
        database.execute(
                "create table users (id bigint primary key, is_deleted boolean not null, deleted_at timestamp)");
        database.execute("insert into users select n, true, (now() at time zone 'UTC') - interval '30 days'"
                + " from generate_series(1, " + USERS + ") as n");
        database.execute("create index on users (deleted_at, id) where is_deleted; analyze");
        TestWorker worker = new TestWorker(
                database,
                Map.of(
                        "policies.\"soft-deleted-users\".batch-target",
                        "0.01s",
                        "policies.\"soft-deleted-users\".max-fraction",
                        "1"));
        RetentionPolicy policy = worker.policies.find(Policies.USERS).orElseThrow();
        Table table = new Preflight(worker.transactions, new CatalogueRepository())
                .table(policy)
                .orElseThrow();
        Restore restore = new Restore(worker.transactions, new IndexRepository());
        SortedSet<String> restored = new TreeSet<>();
        // From now on: the window ends during the next seconds, one user after the other.
        database.execute("update users set deleted_at = (clock_timestamp() at time zone 'UTC') - interval '30 days'"
                + " + (id - 300) * interval '20 milliseconds'");
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<?> restores = threads.submit(() -> {
                for (int n = USERS; n > 0; n--) {
                    RestoreOutcome outcome = restore.restore(new Restore.Wanted(
                            policy, table, new RowKey(List.of("id"), List.of(Integer.toString(n))), null));
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
        assertThat(SampleRows.texts(database, "select id from users where not is_deleted"))
                .isEqualTo(restored);
        assertThat(database.queryLong("select count(*) from users where is_deleted")
                        + restored.size()
                        + database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(USERS);
    }
}
