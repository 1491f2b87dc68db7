package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.archive.Manifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of rows other than that they go: masked, or written away first. */
class ActionsDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY =
            TestPolicy.of("old-people", "people", "P1D").age("left_at");

    private static final TestPolicy MASK = POLICY.with("action", "anonymise").with("mask", """
            [ { column: email, with: random-address },
                    { column: name, with: constant, value: "it's gone" },
                    { column: phone, with: keep-format },
                    { column: account, with: hmac },
                    { column: note, with: null } ]
            """);

    private static final TestPolicy ARCHIVE = POLICY.with("action", "archive");

    @TempDir
    Path folder;

    /** A thousand people, those up to 600 left long ago. */
    private void makePeople() {
        database.execute(
                "create table people (id bigint primary key, left_at timestamptz, email text unique, name text,"
                        + " phone varchar(30), account text, note text, shout text generated always as (upper(name)) stored)");
        database.execute("insert into people (id, left_at, email, name, phone, account, note) select n,"
                + " case when n <= 600 then now() - interval '3 days' else now() end, n || '@example.com', 'Name ' || n,"
                + " '+49 (30) ' || n, 'acc-' || n % 7, case when n % 2 = 0 then E'a \"note\",\\n\\\\N é ' || n end"
                + " from generate_series(1, 1000) as n");
        database.execute("create index people_left_at on people (left_at, id)");
        database.execute("vacuum analyze people");
    }

    private TestWorker worker(TestPolicy policy) {
        return new TestWorker(
                database,
                policy.settings(
                        Map.of("archive-directory", folder.resolve("archive").toString())));
    }

    private long people(String condition) {
        return database.queryLong("select count(*) from people where " + condition);
    }

    @Test
    void whatIsMaskedSaysNothingMoreOfAnybodyAndTheOthersStayAsTheyAre() throws Exception {
        makePeople();
        database.execute("create table before as select * from people");

        UUID id = worker(MASK).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 600");
        assertThat(people("true")).isEqualTo(1000);
        assertThat(people("email ~ '^[0-9a-f-]{36}@anonymised[.]invalid$' and name = 'it''s gone'"
                        + " and phone ~ '^[+]00 [(]00[)] 0+$' and account ~ '^hmac:[0-9a-f]{64}$' and note is null"))
                .isEqualTo(600);
        assertThat(database.queryLong("select count(distinct account) from people where id <= 600"))
                .as("the same value has the same pseudonym")
                .isEqualTo(7);
        assertThat(
                        database.queryLong(
                                "select count(*) from people p join before b on b.id = p.id where row(p.*) is not distinct from row(b.*)"))
                .isEqualTo(400);
    }

    @Test
    void whatIsMaskedIsNeitherMaskedNorCountedAgain() throws Exception {
        makePeople();
        TestWorker worker = worker(MASK);
        worker.runNow("old-people");
        database.execute("create table before as select * from people");
        database.execute("update people set note = 'new' where id = 5");

        UUID again = worker.runNow("old-people");

        assertThat(run(again, "rows_deleted || ' ' || rows_matched")).isEqualTo("1 1");
        assertThat(
                        database.queryLong(
                                "select count(*) from people p join before b on b.id = p.id where row(p.*) is not distinct from row(b.*)"))
                .isEqualTo(1000);
    }

    @Test
    void thePseudonymIsAnHmacOfTheValue() throws Exception {
        database.execute("create table hmac as select caretaker.pseudonym('acc-1') as it");

        // Undo the inner pad to get the key, and reckon it elsewhere.
        byte[] key = new byte[64];
        String hex = text("select encode(inner_pad, 'hex') from caretaker.cleanup_key");
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16) ^ 0x36);
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        String expected = HexFormat.of().formatHex(mac.doFinal("acc-1".getBytes(StandardCharsets.UTF_8)));
        assertThat(texts("select it from hmac")).containsExactly("hmac:" + expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            column: email, with: constant, value: x    | is in a unique index
            column: email, with: keep-format           | is in a unique index
            column: id, with: null                     | is the row's key or age
            column: phone, with: hmac                  | is too short for this mask
            column: id2, with: null                    | is not in public.people
            column: shout, with: null                  | is generated
            column: number, with: constant, value: 0   | is an identity that is always generated
            column: must, with: null                   | allows no null
            """)
    void aMaskThatDoesNotFitIsRefused(String mask, String sentence) throws Exception {
        makePeople();
        database.execute("create domain must as text not null; alter table people"
                + " add number bigint generated always as identity, add must must default ''");
        TestWorker worker = worker(POLICY.with("action", "anonymise").with("mask", "[ { " + mask + " } ]"));

        assertThat(worker.check("old-people").reasons().toString()).contains(sentence);
    }

    /** Where extensions are in a schema of their own, as hosted databases have them. */
    @Test
    void citextIsATextWhereverItIs() throws Exception {
        makePeople();
        database.execute("create schema extensions; create extension citext schema extensions;"
                + " alter table people alter email type extensions.citext");

        UUID id = worker(MASK).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 600");
    }

    private Archive archive() {
        return Archive.of(TestSettings.with(
                Map.of("archive-directory", folder.resolve("archive").toString())));
    }

    private List<Manifest> archived() throws Exception {
        return archive().list(Archive.Selection.ALL, 0, 100).stream()
                .map(listed -> Objects.requireNonNull(listed.manifest()))
                .toList();
    }

    @Test
    void whatIsArchivedIsInTheFilesThatTheLedgerNamesAndGoneFromTheTable() throws Exception {
        makePeople();

        UUID id = worker(ARCHIVE).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 600");
        assertThat(people("true")).isEqualTo(400);
        Archive archive = archive();
        assertThat(archived())
                .extracting(Manifest::rows)
                .satisfies(rows -> assertThat(
                                rows.stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(600));
        for (Manifest manifest : archived()) {
            assertThat(archive.isIntact(manifest)).isTrue();
            assertThat(database.queryLong("select rows from caretaker.cleanup_ledger where archive = '"
                            + manifest.reference() + "' and seq = " + manifest.seq()))
                    .isEqualTo(manifest.rows());
        }
        try (Stream<Path> files = Files.list(folder.resolve("archive"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
        }
    }

    @Test
    void aFileThatWasChangedIsNotIntact() throws Exception {
        makePeople();
        worker(ARCHIVE).runNow("old-people");
        Manifest manifest = archived().get(0);
        Path file = folder.resolve("archive").resolve(manifest.file());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThat(archive().isIntact(manifest)).isFalse();
    }

    @Test
    void anArchiveThatCannotBeWrittenKeepsTheRows() throws Exception {
        makePeople();
        Files.writeString(folder.resolve("archive"), "a file where the directory should be");

        UUID id = worker(ARCHIVE).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || stop_reason || ': ' || stop_detail"))
                .isEqualTo(
                        "failed 0 archive-error: the archive cannot be written (FileAlreadyExistsException), nothing of"
                                + " this batch was deleted; mend the directory " + folder.resolve("archive")
                                + ", and the next run goes on");
        assertThat(people("true")).isEqualTo(1000);

        Files.delete(folder.resolve("archive"));
        UUID next = worker(ARCHIVE).runNow("old-people");

        assertThat(run(next, "state || ' ' || rows_deleted")).isEqualTo("completed 600");
    }

    /** As one on a file system that was unmounted: what is written where it was is in nobody's archive. */
    @Test
    void aDirectoryThatWentAwayIsNotMadeAnew() throws Exception {
        makePeople();
        TestWorker worker = worker(ARCHIVE);
        worker.runNow("old-people");
        Path directory = folder.resolve("archive");
        Files.move(directory, folder.resolve("elsewhere"));
        database.execute("update people set left_at = now() - interval '9 days' where id = 1000");

        UUID id = worker.runNow("old-people");

        assertThat(run(id, "concat(state, ' ', rows_deleted, ' ', stop_reason, ': ', stop_detail)"))
                .startsWith("failed 0 archive-error: the archive cannot be written (nothing of what was archived");
        assertThat(directory).doesNotExist();
        Files.move(folder.resolve("elsewhere"), directory);
        assertThat(run(worker.runNow("old-people"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 1");
    }

    /** A migration while the run is under way, and the application that writes at once what nothing would archive. */
    @Test
    void aColumnThatIsAddedAmidTheRunIsNotLost() throws Exception {
        makePeople();
        TestWorker worker = new TestWorker(
                database,
                ARCHIVE.settings(Map.of(
                        "archive-directory",
                        folder.resolve("archive").toString(),
                        "lock-timeout",
                        "30s",
                        "statement-timeout",
                        "30s")));
        CompletableFuture<UUID> run;
        try (OpenTransaction application = OpenTransaction.begin(
                database, "select pg_advisory_xact_lock(caretaker.hold_gate('\"public\".\"people\"'))")) {
            run = CompletableFuture.supplyAsync(() -> worker.runNow("old-people"));
            awaitSession("query like '%run-fence%' and wait_event_type = 'Lock'");
            application.execute(
                    "alter table people add column wish text; update people set wish = 'keep me' where id = 1");
            application.commit();
        }

        assertThat(run(run.get(), "state || ' ' || stop_reason || ' ' || rows_deleted || ': ' || stop_detail"))
                .startsWith("failed preflight 0: columns of public.people were changed while the run went on");
        assertThat(people("wish = 'keep me'")).isEqualTo(1);
        assertThat(archived()).isEmpty();
        assertThat(run(worker.runNow("old-people"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 600");
        assertThat(archived())
                .allSatisfy(manifest -> assertThat(manifest.columns())
                        .extracting(column -> column.name() + " " + column.type())
                        .contains("wish text"));
    }

    /** The collation C, which many databases have throughout, knows no letters beyond ASCII. */
    @ParameterizedTest
    @ValueSource(strings = {"\"C\"", "\"default\""})
    void lettersOfEveryAlphabetAreMaskedWhateverTheCollation(String collation) throws Exception {
        makePeople();
        database.execute("alter table people alter phone type varchar(30) collate " + collation
                + "; update people set phone = 'Иван Żółć-12' where id = 1");

        worker(MASK).runNow("old-people");

        assertThat(text("select phone from people where id = 1")).isEqualTo("xxxx xxxx-00");
    }

    /** As addresses often are, which are one whatever their case: PostgreSQL looks for no pattern by such a collation. */
    @Test
    void textsThatAreComparedWithoutTheirCaseAreMasked() throws Exception {
        makePeople();
        database.execute(
                "create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
                        + " alter table people alter email type text collate blind, alter phone type text collate blind,"
                        + " alter account type text collate blind; update people set phone = 'XY', email = 'ÄB@example.com' where id = 1");

        UUID id = worker(MASK).runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .isEqualTo("completed 600");
        assertThat(
                        database.queryLong(
                                "select count(*) from people where email::text collate \"C\" ~ '^[0-9a-f-]{36}@anonymised[.]invalid$'"
                                        + " and phone::text collate \"C\" ~ '^([+]00 [(]00[)] 0+|xx)$' and account::text collate \"C\" ~ '^hmac:'"))
                .isEqualTo(600);
    }

    /** Types that PostgreSQL compares by area or by number of points, or cannot compare at all. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            circle  | <(10,20),1>       | <(0,0),1>
            box     | (11,21),(10,20)   | (1,1),(0,0)
            path    | [(10,20),(11,21)] | [(0,0),(1,1)]
            polygon | ((10,20),(11,21)) | ((0,0),(1,1))
            point   | (10,20)           | (0,0)
            json    | {"a": 1}          | {}
            xml     | <a>1</a>          | <a/>
            jsonb   | {"a": 1}          | {}
            char(9) | abc               | gone
            """)
    void aConstantMasksWhateverTheTypeAndOnce(String type, String value, String constant) throws Exception {
        database.execute("create table people (id bigint primary key, left_at timestamptz, place " + type
                + "); insert into people values (1, now() - interval '3 days', '" + value + "'), (2, now(), '" + value
                + "'); create index on people (left_at, id); analyze people");
        TestWorker worker = worker(POLICY.with("action", "anonymise")
                .with("mask", "[ { column: place, with: constant, value: '" + constant + "' } ]"));

        UUID id = worker.runNow("old-people");
        UUID again = worker.runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 1");
        assertThat(database.queryLong("select count(*) from people where id = 1 and place::text = '" + constant + "'::"
                        + type + "::text"))
                .isEqualTo(1);
        assertThat(run(again, "state || ' ' || rows_deleted")).isEqualTo("completed 0");
    }
}
