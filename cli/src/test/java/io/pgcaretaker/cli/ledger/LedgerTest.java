package io.pgcaretaker.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.cleanup.CleanupStub;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands against a service that answers what it is told to. */
class LedgerTest {

    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    private CleanupStub service;
    private int status = 200;

    /** So many answers are 503 first. */
    private int busy;

    private String answer = "{\"replays\":[]}";

    /** Digests under this key get a 409. */
    private String otherKey = "none";

    @BeforeEach
    void start() throws IOException {
        service = new CleanupStub(request -> {
            boolean further = request.uri().endsWith("after=7");
            boolean foreign = request.body().contains("\"keyId\":\"" + otherKey + "\"");
            String told = foreign ? "{\"detail\":\"made under another key\"}" : answer;
            return new CleanupStub.Answer(
                    busy-- > 0 ? 503 : foreign ? 409 : status, further ? "{\"erasures\":[],\"last\":7}" : told);
        });
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private Ledger ledger() {
        return new Ledger(service.environment());
    }

    private List<String> requests() {
        return service.requests.stream()
                .map(request -> request.method() + " " + request.uri() + " " + request.body())
                .toList();
    }

    /** What `export` ends with. */
    private static String end(long last, String... lines) {
        ExportEnd end = new ExportEnd();
        for (String line : lines) {
            end.add(line);
        }
        return end.line(last).toString();
    }

    /** A file as `export` writes it. */
    private Path exported(String name, String lines) throws IOException {
        return Files.writeString(
                folder.resolve(name), lines + end(0, lines.lines().toArray(String[]::new)) + "\n");
    }

    private String output() {
        return service.output();
    }

    @Test
    void exportWritesALineADigestUntilThereIsNoMore() throws Exception {
        answer = "{\"erasures\":[{\"id\":7,\"digest\":\"" + DIGEST + "\"}],\"last\":7}";

        assertThat(ledger().export(3)).isZero();

        String line = "{\"id\":7,\"digest\":\"" + DIGEST + "\"}";
        assertThat(output().lines()).containsExactly(line, end(7, line));
        assertThat(requests())
                .extracting(request -> request.strip())
                .containsExactly(
                        "GET /api/cleanup/ledger/erasures?after=3", "GET /api/cleanup/ledger/erasures?after=7");
    }

    /** As a gateway, a page to sign in at, or another service does: nobody was erased again, and nothing was kept. */
    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "null", "<html>sign in</html>", "{\"status\":\"UP\"}"})
    void anAnswerOfSomebodyElseIsNoSuccess(String somebody) throws Exception {
        answer = somebody;
        Path file = exported("erased.jsonl", "{\"digest\":\"" + DIGEST + "\"}\n");

        for (ThrowingCallable command : List.<ThrowingCallable>of(
                () -> ledger().export(0),
                () -> ledger().verify(),
                () -> ledger().replay(false, null, false, null),
                () -> ledger().replay(false, null, false, file))) {
            assertThatThrownBy(command)
                    .isInstanceOf(CannotException.class)
                    .hasMessageContaining("is not cleanup-service")
                    .hasMessageNotContaining("sign in");
        }
    }

    /** Half a file that looks like a whole one would be found out when a backup is restored. */
    @Test
    void exportThatCannotBeWrittenIsNoSuccess() {
        answer = "{\"erasures\":[{\"id\":7,\"digest\":\"" + DIGEST + "\"}],\"last\":7}";
        System.setOut(new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                },
                true,
                StandardCharsets.UTF_8));

        assertThatThrownBy(() -> ledger().export(0))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("not all was written");
    }

    /** A copy by a timer must not fail for a batch that is under way at that moment. */
    @Test
    void exportAsksAgainWhereABatchIsInTheWay() throws Exception {
        busy = 4;
        answer = "{\"erasures\":[],\"last\":3}";

        assertThat(ledger().export(3)).isZero();
    }

    @Test
    void verifyTellsTheLastSealToBeNoted() throws Exception {
        answer = "{\"intact\":true,\"runs\":2,\"lines\":3,\"rows\":4,\"seals\":2,\"seal\":\"" + DIGEST
                + "\",\"faults\":[]}";

        assertThat(ledger().verify()).isZero();

        assertThat(output()).contains("2 seals of ended runs, the last: " + DIGEST, "intact");
    }

    /** Whom they stand for may be there again in a table that nobody looked at. */
    @Test
    void digestsOfPoliciesThatRememberNothingNowAreNoSuccess() throws Exception {
        Path file = exported("erased", "{\"id\":7,\"policy\":\"people\",\"digest\":\"" + DIGEST + "\"}\n");
        answer =
                "{\"replays\":[{\"policy\":\"users\",\"mode\":\"enforce\",\"matched\":0,\"deleted\":0,\"refused\":null}]}";

        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);
        assertThat(output()).contains("digests of people: no policy of that name remembers keys now");

        answer = "{\"replays\":[],\"otherKeys\":[],\"otherPolicies\":[\"accounts\"]}";
        assertThat(ledger().replay(false, null, false, null)).isEqualTo(1);
        assertThat(output()).contains("digests of accounts: no policy");
    }

    /** Where the key of all of them is another one, nobody has looked what the policies remember. */
    @Test
    void digestsOfAnotherKeyAloneSayNothingOfTheirPolicy() throws Exception {
        otherKey = "one";
        Path file = exported(
                "erased", "{\"id\":7,\"policy\":\"people\",\"keyId\":\"one\",\"digest\":\"" + DIGEST + "\"}\n");

        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);

        assertThat(output()).contains("digests under the key one: refused").doesNotContain("digests of people");
    }

    /** The table's name is part of a digest. */
    @Test
    void digestsOfATableThatIsCalledOtherwiseNowAreNoSuccess() throws Exception {
        String line = "{\"id\":7,\"policy\":\"users\",\"tables\":[%s],\"digest\":\"" + DIGEST + "\"}\n";
        Path file = exported("renamed", line.formatted("\"public.tokens\",\"public.users\"") + line.formatted(""));
        answer = "{\"replays\":[{\"policy\":\"users\",\"table\":\"public.users\",\"mode\":\"enforce\",\"matched\":0,"
                + "\"deleted\":0,\"refused\":null}]}";
        assertThat(ledger().replay(false, null, false, file)).isZero();

        exported("renamed", line.formatted("\"public.people\",\"public.tokens\""));
        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);
        assertThat(output()).contains("digests of users: some were made while its table had another name");

        answer = "{\"replays\":[],\"otherTables\":[\"accounts\"]}";
        assertThat(ledger().replay(false, null, false, null)).isEqualTo(1);
        assertThat(output()).contains("digests of accounts: some were made");
    }

    /** Which column a key was of is no part of a digest, and another one's values have others. */
    @Test
    void digestsOfAnotherKeyThanNowAreNoSuccess() throws Exception {
        String line = "{\"id\":7,\"policy\":\"users\",\"tables\":[\"public.users\"]%s,\"digest\":\"" + DIGEST + "\"}\n";
        answer = "{\"replays\":[{\"policy\":\"users\",\"table\":\"public.users\",\"columns\":\"uid text\","
                + "\"mode\":\"enforce\",\"matched\":0,\"deleted\":0}]}";
        Path file = exported("columns", line.formatted("") + line.formatted(",\"columns\":\"uid text\""));
        assertThat(ledger().replay(false, null, false, file)).isZero();

        exported("columns", line.formatted("") + line.formatted(",\"columns\":\"id integer\""));
        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);
        assertThat(output()).contains("digests of users: some were made of other columns");

        answer = "{\"replays\":[],\"otherColumns\":[\"accounts\"]}";
        assertThat(ledger().replay(false, null, false, null)).isEqualTo(1);
        assertThat(output()).contains("digests of accounts: some were made of other columns");
    }

    @Test
    void replaySendsTheFileAndTellsWhatCameOfIt() throws Exception {
        Path file = exported("erased", "{\"id\":7,\"digest\":\"" + DIGEST + "\"}\n");
        answer =
                "{\"replays\":[{\"policy\":\"users\",\"mode\":\"enforce\",\"matched\":3,\"deleted\":2,\"refused\":null},"
                        + "{\"policy\":\"others\",\"mode\":\"enforce\",\"refused\":\"a run is not over\"}]}";

        assertThat(ledger().replay(true, null, false, file)).isEqualTo(1);

        assertThat(requests())
                .containsExactly("POST /api/cleanup/ledger/replay {\"dryRun\":true,\"digests\":[\"" + DIGEST + "\"]}");
        assertThat(output().lines())
                .containsExactly(
                        "users: 3 were erased before and are there, 2 erased again (enforce)",
                        "others: refused, a run is not over");
    }

    /** As the policy that is shipped, where the application has no table of that name: each replay ended with 1. */
    @Test
    void aPolicyWithoutATableIsARefusalOnlyWhereThereAreDigestsOfIt() throws Exception {
        answer = "{\"replays\":[{\"policy\":\"users\",\"mode\":\"enforce\",\"matched\":0,\"deleted\":0,"
                + "\"refused\":\"there is no table users\"},"
                + "{\"policy\":\"people\",\"table\":\"public.people\",\"mode\":\"enforce\",\"matched\":1,\"deleted\":1}]}";
        String people = "{\"policy\":\"people\",\"tables\":[\"public.people\"],\"digest\":\"" + DIGEST + "\"}\n";

        assertThat(ledger().replay(false, null, false, exported("people", people)))
                .isZero();
        assertThat(output()).contains("users: there is no table users; there is no digest of it");

        assertThat(ledger().replay(
                                false,
                                null,
                                false,
                                exported("both", people + people.replace("people\",\"tables", "users\",\"tables"))))
                .isEqualTo(1);
        assertThat(ledger().replay(false, null, false, exported("unnamed", "{\"digest\":\"" + DIGEST + "\"}\n")))
                .as("nobody knows of which policies")
                .isEqualTo(1);
    }

    /** Which of two people had the key can only be told by the time. */
    @Test
    void replaySaysWhenEachWasErasedAndSinceWhenToLook() throws Exception {
        Path file = exported(
                "erased", "{\"id\":7,\"erasedAt\":\"2026-11-01T03:00:00.123456Z\",\"digest\":\"" + DIGEST + "\"}\n");

        assertThat(ledger().replay(false, Instant.parse("2026-11-01T00:00:00Z"), false, file))
                .isZero();

        assertThat(requests())
                .containsExactly(
                        "POST /api/cleanup/ledger/replay {\"dryRun\":false,\"since\":\"2026-11-01T00:00:00Z\",\"digests\":[\""
                                + DIGEST + "\"],\"erasedAt\":[\"2026-11-01T03:00:00.123456Z\"]}");
    }

    /** Nobody of the command's knows whether the table was put back alone. */
    @Test
    void whoStaysForTheirKeyWasErasedEarlierIsToldAndNoSuccess() throws Exception {
        Path file = exported("erased", "{\"id\":7,\"digest\":\"" + DIGEST + "\"}\n");
        answer = "{\"replays\":[{\"policy\":\"users\",\"mode\":\"enforce\",\"matched\":0,\"earlier\":2,\"deleted\":0,"
                + "\"refused\":null}]}";

        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);

        assertThat(output()).contains("users: 2 more stay", "--since");
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("other"), "{\"id\":7}\n");
        assertThatThrownBy(() -> ledger().replay(false, null, false, file))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("line 1: has no digest");
        assertThat(requests()).isEmpty();

        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> ledger().replay(false, null, false, missing))
                .isInstanceOf(CannotException.class)
                .hasMessage("there is no file " + missing);

        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        assertThatThrownBy(() -> ledger().replay(false, null, false, empty))
                .as("as an export leaves it whose service did not answer")
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("holds no digest");
        assertThat(requests()).isEmpty();

        status = 409;
        answer = "{\"detail\":\"caretaker.cleanup.ledger-key is not set\"}";
        assertThatThrownBy(() -> ledger().replay(false, null, false, null))
                .hasMessageContaining("ledger-key is not set");
        status = 401;
        assertThatThrownBy(() -> ledger().export(0)).hasMessageContaining("the key is not known there");
        status = 403;
        assertThatThrownBy(() -> ledger().export(0)).hasMessageContaining("lacks the role operator");
        status = 503;
        answer = "{\"detail\":\"a batch keeps what this needs; try again\"}";
        assertThatThrownBy(() -> ledger().export(0)).hasMessageContaining("try again");
        answer = "<html>";
        assertThatThrownBy(() -> ledger().export(0)).hasMessageContaining("answers 503: no reason is given");
    }

    /** Digests say nothing to another key: a replay that recognises nobody for that must not look like one that need not. */
    @Test
    void replaySaysUnderWhichKeyTheDigestsWereMade() throws Exception {
        Path file = exported(
                "keyed",
                "{\"id\":7,\"keyId\":\"one\",\"digest\":\"" + DIGEST + "\"}\n"
                        + "{\"id\":8,\"keyId\":\"two\",\"digest\":\"" + DIGEST + "\"}\n");
        answer = "{\"replays\":[],\"otherKeys\":[]}";

        assertThat(ledger().replay(true, null, false, file)).isZero();

        assertThat(requests())
                .extracting(request -> request.replaceAll(".*replay ", ""))
                .containsExactly(
                        "{\"dryRun\":true,\"keyId\":\"one\",\"digests\":[\"" + DIGEST + "\"]}",
                        "{\"dryRun\":true,\"keyId\":\"two\",\"digests\":[\"" + DIGEST + "\"]}");
        answer = "{\"replays\":[],\"otherKeys\":[\"three\"]}";
        assertThat(ledger().replay(true, null, false, null)).isEqualTo(1);
        assertThat(output()).contains("under the key three");
    }

    /** The key was changed, and the older part of the file cannot be recognised: that is no reason to leave the newer one. */
    @Test
    void digestsOfTheKeyOfBeforeKeepNoOthersFromBeingReplayed() throws Exception {
        Path file = exported(
                "rotated",
                "{\"id\":7,\"keyId\":\"old\",\"digest\":\"" + DIGEST + "\"}\n"
                        + "{\"id\":8,\"keyId\":\"new\",\"digest\":\"" + DIGEST + "\"}\n");
        answer =
                "{\"replays\":[{\"policy\":\"users\",\"mode\":\"enforce\",\"matched\":1,\"deleted\":1,\"refused\":null}]}";
        otherKey = "old";

        assertThat(ledger().replay(false, null, false, file)).isEqualTo(1);

        assertThat(requests()).hasSize(2);
        assertThat(output().lines())
                .containsExactly(
                        "digests under the key old: refused, made under another key",
                        "users: 1 were erased before and are there, 1 erased again (enforce)");
    }

    /** Of many years: it need not fit into memory, and goes in parts that the service takes. */
    @Test
    void aLargeFileGoesInParts() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < 25_000; n++) {
            lines.append("{\"id\":%d,\"keyId\":\"one\",\"digest\":\"%064x\"}\n".formatted(n, n));
        }
        Path file = exported("years", lines.toString());
        answer = "{\"replays\":[],\"otherKeys\":[]}";

        assertThat(ledger().replay(true, null, false, file)).isZero();

        assertThat(requests())
                .extracting(request -> request.split("\"[0-9a-f]{64}\"", -1).length - 1)
                .containsExactly(10_000, 10_000, 5_000);

        Files.writeString(file, "{\"id\":1,\"dig", StandardOpenOption.APPEND);
        service.requests.clear();
        assertThatThrownBy(() -> ledger().replay(false, null, false, file)).hasMessageContaining("line 25002");
        assertThat(requests()).as("a file that was cut is not replayed in part").isEmpty();
    }

    /** As where a copy was cut between two lines, or one of them was lost: whoever is missing would not be erased again. */
    @Test
    void aFileThatDigestsAreMissingFromIsNotReplayed() throws Exception {
        String line = "{\"id\":%d,\"digest\":\"" + DIGEST + "\"}\n";
        String three = line.formatted(1) + line.formatted(2) + line.formatted(3);
        Path cut = Files.writeString(folder.resolve("cut"), line.formatted(1) + line.formatted(2));
        Path lost = exported("lost", three);
        Files.writeString(lost, Files.readString(lost).replace(line.formatted(2), ""));
        Path cutBehind = exported("behind", three);
        Files.writeString(cutBehind, line.formatted(4), StandardOpenOption.APPEND);
        Path cutBefore = exported("before", line.formatted(4));
        Files.writeString(cutBefore, line.formatted(1) + Files.readString(cutBefore));

        for (Path file : List.of(cut, cutBehind)) {
            assertThatThrownBy(() -> ledger().replay(false, null, false, file))
                    .isInstanceOf(CannotException.class)
                    .hasMessageContaining("its end is missing");
        }
        assertThatThrownBy(() -> ledger().replay(false, null, false, lost)).hasMessageContaining("line 3: not all");
        assertThatThrownBy(() -> ledger().replay(false, null, false, cutBefore))
                .hasMessageContaining("line 3: not all");
        assertThat(requests()).isEmpty();

        assertThat(ledger().replay(false, null, true, cut)).isZero();
        assertThat(requests()).hasSize(1);
    }

    /** One copy, and then what was new each day. */
    @Test
    void exportsThatStandBehindEachOtherAreOneFile() throws Exception {
        String line = "{\"id\":%d,\"digest\":\"" + DIGEST + "\"}\n";
        Path file = exported("all", line.formatted(1) + line.formatted(2));
        Files.writeString(file, Files.readString(exported("new", line.formatted(3))), StandardOpenOption.APPEND);
        Files.writeString(file, Files.readString(exported("none", "")), StandardOpenOption.APPEND);

        assertThat(ledger().replay(false, null, false, file)).isZero();

        assertThat(requests().get(0).split(DIGEST, -1)).hasSize(4);
    }
}
