package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Archived rows come back as they were, once, and only those that really left. */
abstract class ArchiveContract extends CleanupDbTest {

    static final TestPolicy POLICY =
            TestPolicy.of("old-letters", "letters", "P1D").with("action", "archive");

    TestWorker worker;
    Archive archive;
    private ArchiveRestore restore;

    /** Where to: settings of clean-up. */
    abstract Map<String, String> place();

    /** What lies there under a name is no longer what was written. */
    abstract void spoil(String name) throws Exception;

    /** What lies there under a name is deleted by somebody. */
    abstract void remove(String name) throws Exception;

    /** Somebody else's file, on its way to the same place. */
    abstract AutoCloseable beginOfAnother(String name) throws Exception;

    abstract boolean isOnItsWay(String name);

    @BeforeEach
    void archiveAllLetters() throws Exception {
        database.execute("create table letters (id int primary key, at timestamptz, text text, tags text[], raw bytea,"
                + " n numeric, copied text generated always as (text) stored)");
        database.execute("insert into letters (id, at, text, tags, raw, n) values"
                + " (1, now() - interval '9 days', E'quote '' \" comma, line\\n\\\\. end', '{a,\"b c\"}', '\\x00ff', 1.50),"
                + " (2, now() - interval '9 days', '', '{}', '', 'NaN'),"
                + " (3, now() - interval '9 days', null, null, null, null)");
        database.execute("create index on letters (at, id); create table before as select * from letters; analyze");
        worker = new TestWorker(database, POLICY.settings(place()));
        worker.runNow("old-letters");
        archive = Archive.of(worker.settings());
        restore = new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), archive);
    }

    /** Newest first. */
    Manifest manifest(int place) throws Exception {
        return Objects.requireNonNull(
                archive.list(Archive.Selection.ALL, 0, 10).get(place).manifest());
    }

    private ArchiveRestore.Known known(Manifest manifest) {
        return Objects.requireNonNull(restore.known(List.of(new Archive.Listed(manifest.file(), manifest)))
                .get(manifest.file()));
    }

    ArchiveRestore.Outcome restore(Manifest manifest) throws Exception {
        return restore.restore(manifest, false, "somebody");
    }

    @Test
    void rowsComeBackAsTheyWere() throws Exception {
        assertThat(database.queryLong("select count(*) from letters")).isZero();

        ArchiveRestore.Outcome outcome = restore(manifest(0));

        assertThat(outcome).isEqualTo(new ArchiveRestore.Outcome.Restored(3));
        assertThat(
                        database.queryLong(
                                "select count(*) from letters l join before b on b.id = l.id where row(l.*) is not distinct from row(b.*)"))
                .isEqualTo(3);
    }

    @Test
    void rowsThatAreThereAgainAreNotReadTwice() throws Exception {
        Manifest manifest = manifest(0);
        restore(manifest);

        assertThat(restore(manifest)).isInstanceOf(ArchiveRestore.Outcome.Refused.class);
        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(3);
    }

    @Test
    void whoReadWhatBackIsKeptForGood() throws Exception {
        Manifest manifest = manifest(0);
        restore(manifest);

        assertThat(known(manifest).restores())
                .singleElement()
                .satisfies(back ->
                        assertThat(back.restoredBy() + " " + back.rows()).isEqualTo("somebody 3"));
        assertThat(catchThrowable(() -> database.execute("delete from caretaker.cleanup_archive_restore")))
                .hasStackTraceContaining("append-only");
    }

    @Test
    void whatWasWrittenWithAnotherCompressionIsReadBackToo() throws Exception {
        Manifest zstd = manifest(0);
        restore(zstd);
        Map<String, String> settings = new HashMap<>(place());
        settings.put("archive-compression", "gzip");

        new TestWorker(database, POLICY.settings(settings)).runNow("old-letters");

        Manifest gzip = manifest(0);
        assertThat(zstd.file()).endsWith(".csv.zst");
        assertThat(gzip.file()).endsWith(".csv.gz");
        assertThat(restore(gzip)).isEqualTo(new ArchiveRestore.Outcome.Restored(3));
    }

    /** Written as a batch does, {@code rows} lines of it. */
    Manifest write(UUID run, int seq, int rows) throws Exception {
        return write(run, seq, worker.transactions.run("test", LedgerRepository::home), rows);
    }

    private Manifest write(UUID run, int seq, String home, int rows) throws Exception {
        Random random = new Random(1);
        return archive.write(
                        new Archive.Origin(
                                "old-letters", run, seq, 1, home, new TableName("public", "letters"), Instant.now()),
                        List.of(new Manifest.Column("id", "integer", null, null)),
                        () -> true,
                        out -> {
                            byte[] line = new byte[1_000];
                            for (int n = 0; n < rows; n++) {
                                random.nextBytes(line);
                                out.write(line);
                            }
                            return rows;
                        })
                .orElseThrow();
    }

    @Test
    void aFileWhoseBatchDidNotCommitIsAnOrphanAndIsTidiedAway() throws Exception {
        Manifest committed = manifest(0);
        Manifest orphan = write(committed.run(), 2, 1);
        Manifest unknown = write(UUID.randomUUID(), 1, 1);
        Manifest elsewhere = write(committed.run(), 2, "0123456789ab", 1);
        assertThat(known(committed).state()).isEqualTo(ArchiveRestore.State.COMMITTED);
        assertThat(known(orphan).state()).isEqualTo(ArchiveRestore.State.ORPHAN);
        assertThat(known(unknown).state())
                .as("its batch may be under way, or all that is left of its rows")
                .isEqualTo(ArchiveRestore.State.UNDECIDED);
        assertThat(known(elsewhere).state())
                .as("the same run may have gone on with it where this database is a copy of")
                .isEqualTo(ArchiveRestore.State.UNDECIDED);
        assertThat(restore(orphan)).isInstanceOf(ArchiveRestore.Outcome.Refused.class);
        assertThat(database.queryLong("select count(*) from letters")).isZero();

        int young = tidy(Instant.now().minus(Duration.ofHours(1)));
        int old = tidy(Instant.now().plus(Duration.ofHours(1)));

        assertThat(young).isZero();
        assertThat(old).as("the file and its manifest").isEqualTo(2);
        assertThat(archive.list(Archive.Selection.ALL, 0, 10))
                .extracting(Archive.Listed::file)
                .containsExactlyInAnyOrder(committed.file(), unknown.file(), elsewhere.file());
        assertThat(archive.isIntact(committed)).isTrue();
    }

    @Test
    void pagesAreNewestFirstAndHaveEachFileOnce() throws Exception {
        UUID run = UUID.randomUUID();
        for (int seq = 1; seq <= 5; seq++) {
            write(run, seq, 1);
        }
        List<String> all = files(Archive.Selection.ALL, 0, 10);
        assertThat(all).hasSize(6);

        for (int size = 1; size <= 6; size++) {
            List<String> pages = new ArrayList<>();
            for (int skip = 0; skip < 6; skip += size) {
                pages.addAll(files(Archive.Selection.ALL, skip, size));
            }
            assertThat(pages).as("by %d", size).isEqualTo(all);
        }
        assertThat(files(Archive.Selection.ALL, 6, 10)).isEmpty();
        assertThat(files(new Archive.Selection(null, run), 0, 2))
                .isEqualTo(all.stream()
                        .filter(file -> file.contains(run.toString()))
                        .limit(2)
                        .toList());
    }

    private List<String> files(Archive.Selection selection, long skip, int size) throws Exception {
        return archive.list(selection, skip, size).stream()
                .map(Archive.Listed::file)
                .toList();
    }

    @Test
    void aFileThatTheLedgerNamesIsMissedWhereItOrItsManifestIsNotThere() throws Exception {
        for (int more = 0; more < 4; more++) {
            database.execute("insert into letters (id, at) values (" + (10 + more) + ", now() - interval '9 days')");
            worker.runNow("old-letters");
        }
        assertThat(missing(Archive.Selection.ALL, 50)).isEmpty();
        Manifest gone = manifest(0);
        Manifest without = manifest(2);
        remove(gone.file());
        remove(without.file() + Archive.MANIFEST);

        assertThat(missing(Archive.Selection.ALL, 1)).containsExactlyInAnyOrder(gone.file(), without.file());
        assertThat(missing(new Archive.Selection("old-letters", gone.run()), 50))
                .containsExactly(gone.file());
        assertThat(missing(new Archive.Selection("another", null), 50)).isEmpty();
    }

    /** By pages, and by fewer lines than there are. */
    private List<String> missing(Archive.Selection selection, int size) throws Exception {
        MissingFiles files = new MissingFiles(worker.transactions, new LedgerRepository(), archive, 2, 2);
        List<String> missing = new ArrayList<>();
        LedgerRepository.Place next = null;
        do {
            MissingFiles.Found found = files.find(selection, next, size);
            assertThat(found.missing()).hasSizeLessThanOrEqualTo(size);
            found.missing().forEach(line -> missing.add(String.valueOf(line.file())));
            next = found.next();
        } while (next != null);
        return missing;
    }

    /** A bucket, or a directory, may be shared with others, who may take days for a file. */
    @Test
    void whatOthersHaveOnTheirWayIsLeftAlone() throws Exception {
        AutoCloseable film = beginOfAnother("film.mp4");
        try {
            tidy(Instant.now().plus(Duration.ofHours(1)));

            assertThat(isOnItsWay("film.mp4")).isTrue();
        } finally {
            film.close();
        }
    }

    private int tidy(Instant before) throws Exception {
        LedgerRepository ledger = new LedgerRepository();
        return archive.tidy(before, file -> worker.transactions.run("test", session -> ledger.isOrphan(session, file)));
    }

    @Test
    void aLargeFileIsWholeAndASpoiltOneIsNotReadBack() throws Exception {
        Manifest committed = manifest(0);
        Manifest large = write(UUID.randomUUID(), 1, 6_000);
        assertThat(large.bytes()).as("more than a part of an upload").isGreaterThan(5 << 20);
        assertThat(archive.isIntact(large)).isTrue();

        spoil(committed.file());

        assertThat(restore(committed).toString()).contains("not the one that was written");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
    }

    @Test
    void aNameThatIsNoneOfOursIsNotLookedFor() throws Exception {
        for (String name : List.of("../policies.yaml", "x", manifest(0).file() + ".json", "")) {
            assertThat(archive.find(name)).isEmpty();
        }
        assertThat(archive.find(manifest(0).file())).isPresent();
    }

    @Test
    void aConstraintThatRowsDoNotMeetAnyMoreIsNamed() throws Exception {
        Manifest manifest = manifest(0);
        database.execute("create table people (id int primary key);"
                + " alter table letters add constraint letters_of_people foreign key (id) references people");
        assertThat(restore(manifest).toString()).contains("letters_of_people", "nothing was read back");

        database.execute(
                "alter table letters drop constraint letters_of_people; alter table letters alter text set not null");
        assertThat(restore(manifest).toString()).contains("must not be null");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
    }

    @Test
    void aTableThatHasChangedIsNamed() throws Exception {
        database.execute("alter table letters drop column tags");

        ArchiveRestore.Outcome outcome = restore(manifest(0));

        assertThat(outcome.toString()).contains("'tags' was text[]", "not there any more");
    }
}
