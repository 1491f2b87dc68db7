package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.sample.SampleApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The sample application: what goes is known before the run, and nothing else goes. */
class SampleRunDbTest extends CleanupDbTest {

    /** One after the other on one copy: the sample takes longer to load than to clean. */
    @Test
    void shadowDeletesNothingOnePolicyItsOwnRowsAndTheTickEverythingThatIsExpired() throws Exception {
        try (Connection connection = database.connect()) {
            SampleApplication.load(connection);
        }
        Map<String, SortedSet<String>> before = SampleRows.all(database);
        Map<String, SortedSet<String>> withoutUsers = SampleRows.survivors(database, false);
        Map<String, SortedSet<String>> survivors = SampleRows.survivors(database, true);

        UUID shadow = new TestWorker(database, Map.of("mode", "shadow")).runNow("soft-deleted-users");

        assertThat(SampleRows.all(database)).isEqualTo(before);
        assertThat(state(shadow)).isEqualTo("completed done 1040");
        assertThat(database.queryLong("select (tables ->> 'public.users')::bigint from caretaker.cleanup_run"))
                .isEqualTo(1040);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger"))
                .isZero();

        TestWorker worker = new TestWorker(database, Map.of());
        UUID users = worker.runNow("soft-deleted-users");

        assertThat(SampleRows.all(database)).isEqualTo(withoutUsers);
        assertThat(state(users)).isEqualTo("completed done 1040");

        worker.worker.tick();

        assertThat(SampleRows.all(database)).isEqualTo(survivors);
        assertThat(texts("""
                        select policy || ' ' || sum(rows_deleted) from caretaker.cleanup_run
                        where state = 'completed'
                        group by policy
                        """))
                .containsExactly(
                        "anonymous-prompts 2480",
                        "expired-reset-tokens 4741",
                        "expired-sessions 20000",
                        "soft-deleted-users 7825",
                        "used-reset-tokens 2823");
        assertThat(database.queryLong("select sum(rows_deleted) from caretaker.cleanup_run"))
                .isEqualTo(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"));
    }

    private String state(UUID run) throws SQLException {
        return run(run, "state || ' ' || stop_reason || ' ' || rows_matched");
    }
}
