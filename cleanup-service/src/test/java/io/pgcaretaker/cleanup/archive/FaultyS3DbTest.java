package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a store answers: rows that have gone are those of the ledger, and those in files that it names. */
class FaultyS3DbTest extends CleanupDbTest {

    private static final int ROWS = 20_000;

    private final FaultyS3 store = new FaultyS3();
    private final TestWorker worker;
    private final Archive archive;

    FaultyS3DbTest() throws Exception {
        // Random: 2 MB of texts are some files, some of them beyond a part.
        database.execute("create table letters (id int primary key, at timestamptz, text text)");
        database.execute("insert into letters select n, now() - interval '9 days',"
                + " (select string_agg(md5(random()::text || n || m), '') from generate_series(1, 10) m) from generate_series(1, "
                + ROWS + ") n");
        database.execute("create index on letters (at, id); analyze letters");
        worker = new TestWorker(
                database,
                TestPolicy.of("old-letters", "letters", "P1D")
                        .with("action", "archive")
                        .settings(store.settings()));
        archive = Archive.of(worker.settings());
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @ParameterizedTest
    @EnumSource(FaultyS3.Fault.class)
    void whatHasGoneIsInFilesThatTheLedgerNames(FaultyS3.Fault fault) throws Exception {
        store.fail(fault, 5);

        UUID run = worker.runNow("old-letters");

        String ended = run(run, "state || ' ' || coalesce(stop_reason, '')");
        store.fail(FaultyS3.Fault.NONE, 0);
        requireAllAccountedFor();
        long left = database.queryLong("select count(*) from letters");
        switch (fault) {
            case NONE, WRONG_ETAG, AWAY_FOR_A_WHILE -> {}
            default -> {
                assertThat(ended).isEqualTo("failed archive-error");
                assertThat(left).isPositive();
            }
        }
        worker.runNow("old-letters");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
        requireAllAccountedFor();
        assertThat(worker.ledgerFaults()).isEmpty();
    }

    private void requireAllAccountedFor() throws Exception {
        long gone = ROWS - database.queryLong("select count(*) from letters");
        assertThat(database.queryLong("select coalesce(sum(rows), 0) from caretaker.cleanup_ledger"))
                .isEqualTo(gone);
        long inFiles = 0;
        for (String reference : texts("select '' union select archive from caretaker.cleanup_ledger")) {
            if (!reference.isEmpty()) {
                Manifest manifest = archive.find(reference.split(" ", 2)[0]).orElseThrow();
                assertThat(manifest.reference()).isEqualTo(reference);
                assertThat(archive.isIntact(manifest)).isTrue();
                inFiles += manifest.rows();
            }
        }
        assertThat(inFiles).isEqualTo(gone);
    }

    @Test
    void moreThanAPageOfFilesIsListedAndTidied() throws Exception {
        UUID run = worker.runNow("old-letters");
        int own = archive.list(Archive.Selection.ALL, 0, 10_000).size();
        String home = worker.transactions.run("test", LedgerRepository::home);
        for (int n = 0; n < 2_500; n++) {
            store.put("old-letters-%s-999-1-%s-%08x.csv.zst".formatted(run, home, n), new byte[1]);
        }
        LedgerRepository ledger = new LedgerRepository();

        int tidied = archive.tidy(
                Instant.now(), file -> worker.transactions.run("test", session -> ledger.isOrphan(session, file)));

        assertThat(tidied).isEqualTo(2_500);
        assertThat(archive.list(new Archive.Selection("old-letters", run), 0, 10_000))
                .hasSize(own);
        requireAllAccountedFor();
    }

    @Test
    void aFileThatIsCutIsNotReadBack() throws Exception {
        worker.runNow("old-letters");
        Manifest manifest = Objects.requireNonNull(
                archive.list(Archive.Selection.ALL, 0, 1).get(0).manifest());
        byte[] whole = store.get(manifest.file());
        ArchiveRestore restore =
                new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), archive);
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
            store.put(manifest.file(), Arrays.copyOf(whole, length));
            assertThat(restore.restore(manifest, false, "somebody")).isInstanceOf(ArchiveRestore.Outcome.Refused.class);
        }
        assertThat(database.queryLong("select count(*) from letters")).isZero();

        store.put(manifest.file(), whole);
        assertThat(restore.restore(manifest, false, "somebody"))
                .isEqualTo(new ArchiveRestore.Outcome.Restored(manifest.rows()));
    }

    /** More than a part of an upload. */
    @ParameterizedTest
    @EnumSource(
            value = FaultyS3.Fault.class,
            names = {"ERROR_IN_200", "LOST", "HALF", "KEPT_AND_503", "EXPIRED"})
    void aLargeFileIsKeptOrItIsSaidThatItIsNot(FaultyS3.Fault fault) throws Exception {
        for (int writes = 0; writes < 4; writes++) {
            database.execute("truncate letters; insert into letters select n, now() - interval '9 days',"
                    + " (select string_agg(md5(random()::text || n || m), '') from generate_series(1, 12000) m)"
                    + " from generate_series(1, 30) n; analyze letters");
            long before = database.queryLong("select coalesce(sum(rows), 0) from caretaker.cleanup_ledger");
            store.fail(fault, writes);
            UUID run = worker.runNow("old-letters");
            long gone = 30 - database.queryLong("select count(*) from letters");
            assertThat(run(run, "state || ' ' || stop_reason || ' ' || rows_deleted"))
                    .isEqualTo("failed archive-error " + gone);
            assertThat(database.queryLong("select coalesce(sum(rows), 0) from caretaker.cleanup_ledger") - before)
                    .isEqualTo(gone);
            store.fail(FaultyS3.Fault.NONE, 0);
            for (String reference : texts("select '' union select archive from caretaker.cleanup_ledger")) {
                if (!reference.isEmpty()) {
                    assertThat(archive.isIntact(
                                    archive.find(reference.split(" ", 2)[0]).orElseThrow()))
                            .isTrue();
                }
            }
        }
    }
}
