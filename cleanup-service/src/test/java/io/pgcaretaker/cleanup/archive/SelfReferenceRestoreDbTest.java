package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that refer to others of their table, of which some go later. */
class SelfReferenceRestoreDbTest extends CleanupDbTest {

    @TempDir
    Path folder;

    /** As `./caretaker archive restore --run` asks for them: what a row still referred to as it went, went with it or later. */
    @Test
    void theFilesOfARunComeBackTheLastOneFirst() throws Exception {
        database.execute(
                "create table letters (id int primary key, at timestamptz, next int references letters on delete"
                        + " set null); create index on letters (at); create index on letters (next);"
                        + " insert into letters select n, now() - interval '9 days' + n * interval '1 second', nullif(n + 1, 501)"
                        + " from generate_series(1, 500) as n; create table before as table letters; analyze letters");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-letters", "letters", "P1D")
                        .with("action", "archive")
                        .settings(Map.of("archive-directory", folder.toString())));
        worker.runNow("old-letters");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
        Archive archive = Archive.of(worker.settings());
        List<Manifest> lastFirst = archive.list(Archive.Selection.ALL, 0, 1000).stream()
                .sorted(Comparator.comparingInt(Archive.Listed::seq).reversed())
                .map(file -> Objects.requireNonNull(file.manifest()))
                .toList();
        assertThat(lastFirst).hasSizeGreaterThan(1);

        ArchiveRestore restore =
                new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), archive);
        for (Manifest file : lastFirst) {
            assertThat(restore.restore(file, false, "somebody"))
                    .isEqualTo(new ArchiveRestore.Outcome.Restored(file.rows()));
        }

        assertThat(database.queryLong("select count(*) from (table letters intersect table before) as same"))
                .isEqualTo(500);
    }
}
