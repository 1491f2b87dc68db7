package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the database, such as for a trial, taken amid a run and let loose on the same archive. */
class CopiedDatabaseDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    @Test
    void eachLeavesTheOthersFilesOfTheSameRun(@TempDir Path directory) throws Exception {
        items.addExpired(10);
        TestWorker original = archiving(database, directory);
        UUID id = original.begin("old-items");
        TestDatabase copied = database.copy();
        TestWorker copy = archiving(copied, directory);

        original.worker.work();
        copy.worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 10");
        assertThat(copied.queryLong("select count(*) from items")).isZero();
        assertThat(tidy(copy))
                .as("its files are what is left of rows of the original")
                .isZero();
        assertThat(tidy(original)).isZero();
        assertThat(Archive.of(original.settings()).list(new Archive.Selection(null, id), 0, 10))
                .hasSize(2);
    }

    /** As by {@code pg_restore --data-only --disable-triggers}, while the application's tables are as they were. */
    @Test
    void whatWasWrittenBeforeCaretakersDataWereSetBackStays(@TempDir Path directory) throws Exception {
        items.addExpired(10);
        TestWorker worker = archiving(database, directory);
        UUID id = worker.begin("old-items");
        database.execute("create table saved as select * from caretaker.cleanup_run");
        worker.worker.work();
        database.execute("set session_replication_role = replica;"
                + " truncate caretaker.cleanup_run, caretaker.cleanup_ledger cascade;"
                + " insert into caretaker.cleanup_run select * from saved; reset session_replication_role");

        worker.worker.work();

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
        assertThat(items.count()).isZero();
        assertThat(tidy(worker)).as("the file is what is left of the rows").isZero();
    }

    private static TestWorker archiving(TestDatabase where, Path directory) {
        return new TestWorker(
                where,
                Items.policy("P7D").with("action", "archive").settings(Map.of("archive-directory", "" + directory)));
    }

    private static int tidy(TestWorker worker) throws Exception {
        LedgerRepository ledger = new LedgerRepository();
        return Archive.of(worker.settings())
                .tidy(
                        Instant.now().plus(Duration.ofHours(1)),
                        file -> worker.transactions.run("test", session -> ledger.isOrphan(session, file)));
    }
}
