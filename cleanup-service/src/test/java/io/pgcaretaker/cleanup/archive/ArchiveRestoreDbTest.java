package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgcaretaker.cleanup.Caller;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archived to a directory. */
class ArchiveRestoreDbTest extends ArchiveContract {

    @TempDir
    Path folder;

    private Path directory() {
        return folder.resolve("archive");
    }

    @Override
    Map<String, String> place() {
        return Map.of("archive-directory", directory().toString());
    }

    @Override
    void spoil(String name) throws Exception {
        byte[] bytes = Files.readAllBytes(directory().resolve(name));
        bytes[bytes.length / 2] ^= 1;
        Files.write(directory().resolve(name), bytes);
    }

    @Override
    void remove(String name) throws Exception {
        Files.delete(directory().resolve(name));
    }

    @Override
    AutoCloseable beginOfAnother(String name) throws Exception {
        Path part = Files.writeString(directory().resolve(name + ".part"), "half");
        return () -> Files.deleteIfExists(part);
    }

    @Override
    boolean isOnItsWay(String name) {
        return Files.exists(directory().resolve(name + ".part"));
    }

    @Test
    void whatNobodyFinishedIsTakenAway() throws Exception {
        Path part = Files.writeString(directory().resolve(manifest(0).file() + ".json.part"), "half");

        archive.tidy(Instant.now().plus(Duration.ofHours(1)), file -> false);

        assertThat(part).doesNotExist();
    }

    /** A batch goes on meanwhile, and finishes what was listed. */
    @Test
    void whatIsFinishedWhileItIsLookedAtIsNotInTheWay() throws Exception {
        Path part = Files.writeString(directory().resolve(manifest(0).file() + ".part"), "half");

        new DirectoryStore(directory())
                .tidy(
                        Instant.now().plus(Duration.ofHours(1)),
                        name -> part.toFile().delete());

        assertThat(part).doesNotExist();
    }

    /** As where its file system is not mounted: an empty list would be taken for an empty archive. */
    @Test
    void aDirectoryThatIsNotThereIsNotAnEmptyOne() throws Exception {
        String file = manifest(0).file();
        Files.move(directory(), folder.resolve("elsewhere"));

        ProblemException away =
                catchThrowableOfType(ProblemException.class, () -> resource().list(null, null, 0, 10));
        assertThat(away.problem().status() + " " + away.problem().detail()).contains("503", "not mounted");
        assertThat(problem(file)).contains("503", "not mounted");
    }

    /** What a file system is mounted on is there without it, and empty. */
    @Test
    void anEmptyMountPointIsNotAnEmptyArchive() throws Exception {
        String file = manifest(0).file();
        Files.move(directory(), folder.resolve("elsewhere"));
        Files.createDirectory(directory());

        ProblemException away =
                catchThrowableOfType(ProblemException.class, () -> resource().list(null, null, 0, 10));
        assertThat(away.problem().status() + " " + away.problem().detail()).contains("503", "not mounted");
        assertThat(problem(file)).contains("503", "not mounted");
    }

    /** It is read twice: to see whether it is the one that was written, and for its rows. */
    @Test
    void aFileThatIsReplacedWhileItIsReadIsNotReadBack() throws Exception {
        Manifest manifest = manifest(0);
        byte[] written = Files.readAllBytes(directory().resolve(manifest.file()));
        byte[] rows =
                Compression.ZSTD.decompress(new ByteArrayInputStream(written)).readAllBytes();
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        try (OutputStream out = Compression.ZSTD.compress(other)) {
            out.write(new String(rows, StandardCharsets.UTF_8)
                    .replace("comma", "forged")
                    .getBytes(StandardCharsets.UTF_8));
        }
        ArchiveStore directory = new DirectoryStore(directory());
        AtomicInteger looks = new AtomicInteger();
        ArchiveStore changing = (ArchiveStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ArchiveStore.class}, (proxy, method, arguments) -> {
                    boolean again = manifest.file().equals(arguments[0]) && looks.incrementAndGet() == 2;
                    return again
                            ? Optional.of(new ByteArrayInputStream(other.toByteArray()))
                            : method.invoke(directory, arguments);
                });
        Archive spoilt = new Archive(Optional.of(changing), Compression.ZSTD);

        assertThat(new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), spoilt)
                        .restore(manifest, false, "somebody")
                        .toString())
                .contains("replaced while it was read");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
    }

    @Test
    void whatOthersLeftBesideIsNoManifest() throws Exception {
        Files.writeString(directory().resolve("lifecycle.json"), "{\"rules\":[]}");

        assertThat(archive.list(Archive.Selection.ALL, 0, 10)).hasSize(1);
    }

    /** As the route answers. */
    private ArchiveResource resource() {
        return new ArchiveResource(worker.settings(), worker.transactions);
    }

    private void rewrite(String name, String from, String to) throws Exception {
        Path file = directory().resolve(name);
        Files.writeString(file, Files.readString(file).replace(from, to));
    }

    /** Cut, empty, of another file, or nonsense: it hides none of the others. */
    @Test
    void aManifestThatCannotBeReadIsSaidToBeSo() throws Exception {
        Manifest whole = manifest(0);
        for (String content :
                List.of("", "{", "null", "[]", "{\"file\":\"x\"}", "{\"file\":\"../../policies.yaml\"}")) {
            String file = "old-letters-" + UUID.randomUUID() + "-1-1-0123abcd.csv.zst";
            Files.writeString(directory().resolve(file + ".json"), content);

            assertThat(resource().list(null, null, 0, 10).archives())
                    .as(content)
                    .anySatisfy(view -> assertThat(view.file() + " " + view.state() + " " + view.manifest())
                            .isEqualTo(file + " undecided unreadable"))
                    .anySatisfy(view -> assertThat(view.file() + " " + view.state() + " " + view.manifest())
                            .isEqualTo(whole.file() + " committed readable"));
            assertThat(problem(file)).as(content).contains("409", "manifest cannot be read");
            Files.delete(directory().resolve(file + ".json"));
        }
    }

    private String problem(String file) {
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> resource().restore(file, null, Caller.OPERATOR));
        return refused.problem().status() + " " + refused.problem().detail();
    }

    @Test
    void aManifestOfALaterVersionIsRead() throws Exception {
        Manifest manifest = manifest(0);
        rewrite(manifest.file() + ".json", "\"policy\"", "\"later\" : 1, \"policy\"");

        assertThat(restore(manifest(0))).isEqualTo(new ArchiveRestore.Outcome.Restored(3));
    }

    /** The ledger vouches for the file alone. */
    @Test
    void aManifestThatNamesAnotherTableIsNotObeyed() throws Exception {
        database.execute("create table mails (like letters including all)");
        Manifest manifest = manifest(0);
        rewrite(manifest.file() + ".json", "\"letters\"", "\"mails\"");

        assertThat(problem(manifest.file())).contains("409", "other rows than the ledger line");
        assertThat(database.queryLong("select count(*) from mails")).isZero();
    }

    /** The ledger vouches for the file, and its first line for which value is of which column. */
    @Test
    void aManifestThatExchangesColumnsIsNotObeyed() throws Exception {
        database.execute("create table notes (id int primary key, at timestamptz, a text, \"b\"\",\n\" text);"
                + " insert into notes values (1, now() - interval '9 days', 'a', 'b'); create index on notes (at, id);"
                + " analyze");
        TestWorker notes = new TestWorker(
                database,
                TestPolicy.of("old-notes", "notes", "P1D")
                        .with("action", "archive")
                        .settings(place()));
        notes.runNow("old-notes");
        Manifest manifest = manifest(0);
        List<Manifest.Column> columns = manifest.columns();
        Manifest exchanged = new Manifest(
                manifest.file(),
                manifest.policy(),
                manifest.run(),
                manifest.seq(),
                manifest.schema(),
                manifest.table(),
                List.of(columns.get(0), columns.get(1), columns.get(3), columns.get(2)),
                manifest.rows(),
                manifest.bytes(),
                manifest.sha256(),
                manifest.writtenAt());

        assertThat(restore(exchanged).toString()).contains("other columns than the file");
        assertThat(restore(manifest)).isEqualTo(new ArchiveRestore.Outcome.Restored(1));
        assertThat(database.queryLong("select count(*) from notes where a = 'a'"))
                .isEqualTo(1);
    }

    @Test
    void aDirectoryInThePlaceOfAManifestIsNone() throws Exception {
        Manifest manifest = manifest(0);
        Path file = directory().resolve(manifest.file() + ".json");
        Files.delete(file);
        Files.createDirectory(file);

        assertThat(problem(manifest.file())).contains("404");
        assertThat(resource().list(null, null, 0, 10).archives()).isEmpty();
    }

    @Test
    void filesAreListedByPolicyAndByRun() throws Exception {
        Manifest letters = manifest(0);
        Manifest other = write(UUID.randomUUID(), 7, 1);

        assertThat(files(null, null)).containsExactlyInAnyOrder(letters.file(), other.file());
        assertThat(files("old-letters", letters.run().toString())).containsExactly(letters.file());
        assertThat(files(null, other.run().toString().toUpperCase(Locale.ROOT))).containsExactly(other.file());
        assertThat(files("letters", null)).isEmpty();
        assertThat(resource().list(null, other.run().toString(), 0, 10).archives())
                .extracting(ArchiveResource.ArchiveView::seq)
                .containsExactly(7);
        for (String wrong : List.of("", "1-1-1-1-1", "old-letters")) {
            assertThat(catchThrowableOfType(ProblemException.class, () -> files(null, wrong))
                            .problem()
                            .status())
                    .isEqualTo(400);
        }
    }

    private List<String> files(@Nullable String policy, @Nullable String run) {
        return resource().list(policy, run, 0, 10).archives().stream()
                .map(ArchiveResource.ArchiveView::file)
                .toList();
    }
}
