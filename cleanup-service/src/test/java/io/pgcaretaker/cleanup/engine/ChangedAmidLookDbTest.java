package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A migration comes between two statements of the look at a policy's table. */
class ChangedAmidLookDbTest extends CleanupDbTest {

    private final AtomicBoolean changed = new AtomicBoolean();

    private DataSource source() {
        return InterceptedSessions.beforeStatement(
                database.source(), "caretaker.cleanup.catalogue-column-facts", (session, method, statement) -> {
                    if (changed.compareAndSet(false, true)) {
                        database.execute("alter table items add late text default 'x'");
                    }
                });
    }

    @Test
    void anArchivedTableIsLookedAtAgainByTheNextRun(@TempDir Path archive) throws Exception {
        new Items(database).addExpired(10);
        TestPolicy policy = Items.policy("P7D").with("action", "archive");
        TestWorker worker = new TestWorker(
                source(), policy.settings(Map.of("archive-directory", archive.toString())), Clock.systemUTC());

        UUID id = worker.runNow("old-items");

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || rows_deleted || ' ' || stop_detail"))
                .startsWith("failed preflight 0 columns of public.items were changed while the run went on");
        assertThat(run(worker.runNow("old-items"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 10");
    }
}
