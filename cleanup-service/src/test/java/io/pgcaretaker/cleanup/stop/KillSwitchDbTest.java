package io.pgcaretaker.cleanup.stop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class KillSwitchDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void whoStopsIsAnsweredWhenNothingGoesAnyMore() throws Exception {
        database.execute("""
                insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state)
                values ('logs', repeat('0', 64), 'enforce', 'manual', now(), 'test', 'running')
                """);
        KillSwitchResource resource = new KillSwitchResource(new Transactions(database.source()));
        CompletableFuture<KillSwitchResource.SwitchView> answer;
        try (Connection batch = database.connect();
                Statement statement = batch.createStatement()) {
            batch.setAutoCommit(false);
            statement.execute("select 1 from caretaker.cleanup_run for update");
            answer = CompletableFuture.supplyAsync(() -> resource.stopped("why", "test"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() ->
                            database.queryLong("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                            + " and datname = current_database() and query like '%switch-wait%'")
                                    == 1);
            assertThat(database.queryLong("select count(*) from caretaker.cleanup_switch where stopped"))
                    .as("the next batch sees it already")
                    .isOne();
            assertThat(answer).isNotDone();
            batch.commit();
        }
        assertThat(answer.get().stopped()).isTrue();
    }
}
