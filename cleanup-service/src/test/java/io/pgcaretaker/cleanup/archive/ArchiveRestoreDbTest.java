package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.cleanup.run.TestWorker;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archived rows come back as they were, once, and only those that really left. */
class ArchiveRestoreDbTest {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();
    private TestWorker worker;
    private Archive archive;
    private ArchiveRestore restore;

    @BeforeEach
    void archiveAllLetters() throws Exception {
        database.execute("create table letters (id int primary key, at timestamptz, text text, tags text[], raw bytea,"
                + " n numeric, copied text generated always as (text) stored)");
        database.execute("insert into letters (id, at, text, tags, raw, n) values"
                + " (1, now() - interval '9 days', E'quote '' \" comma, line\\n\\\\. end', '{a,\"b c\"}', '\\x00ff', 1.50),"
                + " (2, now() - interval '9 days', '', '{}', '', 'NaN'),"
                + " (3, now() - interval '9 days', null, null, null, null)");
        database.execute("create index on letters (at, id); create table before as select * from letters; analyze");
        Path policies = folder.resolve("policies.yaml");
        Files.writeString(policies, """
                policies:
                  - name: old-letters
                    table: letters
                    age: { column: at, means: event }
                    retention: P1D
                    every: PT1H
                    action: archive
                    limits: { max-rows: 100, max-fraction: 1 }
                """);
        Path directory = folder.resolve("archive");
        worker = new TestWorker(
                database, Map.of("policies-file", policies.toString(), "archive-directory", directory.toString()));
        worker.runNow("old-letters");
        archive = new Archive(Optional.of(directory));
        restore = new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), archive);
    }

    @Test
    void rowsComeBackAsTheyWere() throws Exception {
        assertThat(database.queryLong("select count(*) from letters")).isZero();

        ArchiveRestore.Outcome outcome = restore.restore(archive.list().get(0));

        assertThat(outcome).isEqualTo(new ArchiveRestore.Outcome.Restored(3));
        assertThat(
                        database.queryLong(
                                "select count(*) from letters l join before b on b.id = l.id where row(l.*) is not distinct from row(b.*)"))
                .isEqualTo(3);
    }

    @Test
    void rowsThatAreThereAgainAreNotReadTwice() throws Exception {
        Manifest manifest = archive.list().get(0);
        restore.restore(manifest);

        assertThat(restore.restore(manifest)).isInstanceOf(ArchiveRestore.Outcome.Refused.class);
        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(3);
    }

    @Test
    void aFileWhoseBatchDidNotCommitIsAnOrphan() throws Exception {
        Manifest orphan = archive.write(
                        new Archive.Origin(
                                "old-letters",
                                UUID.randomUUID(),
                                1,
                                1,
                                new TableName("public", "letters"),
                                Instant.now()),
                        List.of(new Manifest.Column("id", "integer")),
                        out -> {
                            out.write("id\n7\n".getBytes(StandardCharsets.UTF_8));
                            return 1;
                        })
                .orElseThrow();

        assertThat(restore.isCommitted(orphan)).isFalse();
        assertThat(restore.restore(orphan)).isInstanceOf(ArchiveRestore.Outcome.Refused.class);
        assertThat(database.queryLong("select count(*) from letters")).isZero();
    }

    @Test
    void aTableThatHasChangedIsNamed() throws Exception {
        database.execute("alter table letters drop column tags");

        ArchiveRestore.Outcome outcome = restore.restore(archive.list().get(0));

        assertThat(outcome.toString()).contains("'tags' was text[]", "not there any more");
    }
}
