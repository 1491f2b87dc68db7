package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The directory of an archive is what a file system is mounted on: while that is away it is there, and empty, and what is
 * written to it is hidden when the file system is back.
 */
class ArchivePlaceDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY =
            TestPolicy.of("old-notes", "notes", "P1D").with("action", "archive");

    @TempDir
    Path folder;

    private Path directory;

    @BeforeEach
    void archiveOnce() throws Exception {
        directory = folder.resolve("archive");
        database.execute("create table notes (id int primary key, at timestamptz)");
        database.execute("create index on notes (at, id)");
        insert(1);
    }

    private void insert(int id) {
        database.execute("insert into notes values (" + id + ", now() - interval '9 days')");
        database.execute("analyze notes");
    }

    private TestWorker worker() {
        return new TestWorker(database, POLICY.settings(Map.of("archive-directory", directory.toString())));
    }

    private String end(UUID run) throws Exception {
        return run(run, "concat(state, ' ', rows_deleted, ' ', stop_reason, ' ', stop_detail)");
    }

    /** As one that is not mounted at the start of the service, or that is unmounted while it runs. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsStayWhileNothingButTheMountPointIsThere(boolean startedAnew) throws Exception {
        TestWorker before = worker();
        assertThat(end(before.runNow("old-notes"))).startsWith("completed 1");
        Files.move(directory, folder.resolve("elsewhere"));
        Files.createDirectory(directory);
        insert(2);
        TestWorker worker = startedAnew ? worker() : before;

        String unmounted = end(worker.runNow("old-notes"));

        assertThat(unmounted)
                .startsWith("failed 0 archive-error")
                .contains("its file system is not mounted", "make an empty file .caretaker-archive");
        assertThat(directory).isEmptyDirectory();
        Files.delete(directory);
        Files.move(folder.resolve("elsewhere"), directory);
        assertThat(end(worker.runNow("old-notes"))).startsWith("completed 1");
    }

    @Test
    void anotherDirectoryIsUsedOnceSomebodySaysThatItIsRight() throws Exception {
        worker().runNow("old-notes");
        directory = Files.createDirectory(folder.resolve("larger"));
        insert(2);
        assertThat(end(worker().runNow("old-notes"))).startsWith("failed 0 archive-error");

        Files.createFile(directory.resolve(".caretaker-archive"));

        assertThat(end(worker().runNow("old-notes"))).startsWith("completed 1");
    }

    /** Of a service of before there was a mark. */
    @Test
    void aDirectoryWithFilesIsItsPlaceWithoutAMark() throws Exception {
        worker().runNow("old-notes");
        Files.delete(directory.resolve(".caretaker-archive"));
        insert(2);

        assertThat(end(worker().runNow("old-notes"))).startsWith("completed 1");

        assertThat(directory.resolve(".caretaker-archive")).exists();
    }
}
