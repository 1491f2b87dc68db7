package io.pgcaretaker.cli.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.cleanup.CleanupStub;
import io.pgcaretaker.cli.cleanup.CleanupStub.Answer;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands against a service that answers what it is told to; SampleIT has the packaged one. */
class ArchivesTest {

    private static final String RUN = "6f1e0c1e-8f1d-4b53-9a29-0c4a9a7c0a11";

    private final Map<String, Answer> answers = new HashMap<>();
    private CleanupStub service;

    @BeforeEach
    void start() throws IOException {
        service = new CleanupStub(
                request -> answers.getOrDefault(asked(request), new Answer(200, "{\"archives\":[],\"missing\":[]}")));
    }

    private static String asked(CleanupStub.Request request) {
        return request.uri().replace("/api/cleanup/archives", "").replace("/api/cleanup", "");
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private Archives archives() {
        return new Archives(service.environment());
    }

    private List<String> requests() {
        return service.requests.stream()
                .map(request -> asked(request) + " " + request.body())
                .toList();
    }

    private List<String> output() {
        return service.output().lines().toList();
    }

    private static String file(String name, int seq, String state, String more) {
        return "{\"file\":\"%s\",\"policy\":\"old\",\"run\":\"%s\",\"seq\":%d,\"table\":\"public.old\",\"rows\":1,\"bytes\":20,"
                        .formatted(name, RUN, seq)
                + "\"writtenAt\":\"2026-01-02T03:04:05Z\",\"state\":\"%s\",\"manifest\":\"readable\"%s}"
                        .formatted(state, more);
    }

    private static final String READ_BACK =
            ",\"restores\":[{\"restoredAt\":\"2026-02-03T04:05:06Z\",\"restoredBy\":\"ops\",\"rows\":1}]";

    private void answer(String asked, int status, String body) {
        answers.put(asked, new Answer(status, body));
    }

    @Test
    void listTellsALineAFileUntilThereIsNoMore() throws Exception {
        String which = "&size=500&policy=old&run=" + RUN;
        answer("?page=0" + which, 200, "{\"archives\":[" + file("b", 2, "committed", READ_BACK) + "]}");
        // What is written meanwhile moves the others to the next page.
        answer(
                "?page=1" + which,
                200,
                "{\"archives\":[" + file("b", 2, "committed", READ_BACK) + ","
                        + "{\"file\":\"a\",\"seq\":1,\"state\":\"orphan\",\"manifest\":\"unreadable\",\"restores\":[]}]}");

        assertThat(archives().list("old", RUN)).isZero();

        assertThat(output())
                .containsExactly(
                        "b  public.old  rows=1  bytes=20  2026-01-02T03:04:05Z  committed"
                                + "  read back 2026-02-03T04:05:06Z by ops",
                        "a  orphan  (its manifest cannot be read)");
        assertThat(requests()).last().asString().startsWith("/missing?size=500&policy=old&run=" + RUN);
    }

    /** Whoever takes each line for a file would have taken what a table is called for one. */
    @Test
    void aTableIsInItsFilesLineWhateverItIsCalled() throws Exception {
        answer(
                "?page=0&size=500",
                200,
                "{\"archives\":["
                        + file("a", 1, "committed", "")
                                .replace("public.old", "public.x\\nb  committed\\u001b]0;owned\\u0007\\u202egpj")
                        + "]}");

        assertThat(archives().list(null, null)).isZero();

        assertThat(output())
                .containsExactly("a  public.x?b  committed?]0;owned??gpj  rows=1  bytes=20  2026-01-02T03:04:05Z"
                        + "  committed");
    }

    @Test
    void aRunIsReadBackTheLastFileFirstAndGoesOnWhereItWasStopped() throws Exception {
        answer(
                "?page=0&size=500&run=" + RUN,
                200,
                "{\"archives\":["
                        + String.join(
                                ",",
                                file("b", 2, "committed", ""),
                                file("a", 1, "committed", READ_BACK),
                                file("e", 12, "committed", ""),
                                file("d", 9, "undecided", ""),
                                file("c", 3, "orphan", ""))
                        + "]}");
        answer("/b/restore", 200, "{\"file\":\"b\",\"rows\":1500}");
        answer("/d/restore", 409, "{\"detail\":\"no ledger line names this file\"}");
        answer("/e/restore", 200, "{\"file\":\"e\",\"rows\":1}");

        assertThat(archives().restore(RUN, true, null)).isEqualTo(1);

        assertThat(output())
                .containsExactly(
                        "c: left out, its rows were not deleted",
                        "a: left out, read back 2026-02-03T04:05:06Z by ops",
                        "e: 1 rows read back",
                        "d: refused, no ledger line names this file",
                        "b: 1,500 rows read back",
                        "1,501 rows of 2 files read back, 1 files refused");
        assertThat(requests())
                .contains("/b/restore {\"fireTriggers\":true}", "/d/restore {\"fireTriggers\":true}")
                .noneMatch(request -> request.startsWith("/a/") || request.startsWith("/c/"));
    }

    /** Deleted by somebody, or on another volume: the rows in it do not come back by what is there. */
    @Test
    void aFileThatTheLedgerNamesAndIsNotThereIsNoSuccess() throws Exception {
        answer("?page=0&size=500&run=" + RUN, 200, "{\"archives\":[" + file("a", 1, "committed", "") + "]}");
        answer("/missing?size=500&run=" + RUN, 200, "{\"missing\":[{\"file\":\"b\"}]}");
        answer("/a/restore", 200, "{\"file\":\"a\",\"rows\":1}");

        assertThat(archives().restore(RUN, false, null)).isEqualTo(1);

        assertThat(output())
                .containsExactly(
                        "b: refused, the ledger names it, and it is not in the archive, or not its manifest",
                        "a: 1 rows read back",
                        "1 rows of 1 files read back, 1 files refused");
    }

    /** Who looks whether an archive is whole would take what is there for all. */
    @Test
    void listTellsTheFilesThatAreNotThere() throws Exception {
        answer("?page=0&size=500", 200, "{\"archives\":[" + file("a", 1, "committed", "") + "]}");
        answer("/missing?size=500", 200, "{\"missing\":[],\"next\":\"" + RUN + ".7\"}");
        answer(
                "/missing?size=500&after=" + RUN + ".7",
                200,
                "{\"missing\":[{\"file\":\"b\"}],\"next\":\"" + RUN + ".9\"}");
        answer("/missing?size=500&after=" + RUN + ".9", 200, "{\"missing\":[{\"file\":\"c\"}]}");

        assertThat(archives().list(null, null)).isEqualTo(1);

        assertThat(output()).hasSize(3);
        assertThat(output().get(1)).startsWith("b  missing  the ledger names it, and it is not in the archive");
        assertThat(output().get(2)).startsWith("c  missing");
    }

    @Test
    void filesAreReadBackByName() throws Exception {
        answer("/a%2Fb%20c/restore", 200, "{\"rows\":3}");

        assertThat(archives().restore(null, false, List.of("a/b c"))).isZero();

        assertThat(requests()).containsExactly("/a%2Fb%20c/restore {\"fireTriggers\":false}");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatThrownBy(() -> archives().restore(null, false, null))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("name the files to read back, or a run");
        assertThatThrownBy(() -> archives().restore(RUN, false, List.of("a")))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("or a run");
        assertThatThrownBy(() -> archives().restore(RUN, false, null))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("no archived file of the run");
        answer("/a/restore", 403, "");
        assertThatThrownBy(() -> archives().restore(null, false, List.of("a")))
                .hasMessageContaining("lacks the role operator");
        answer("/a/restore", 503, "{\"detail\":\"the archive cannot be read\"}");
        assertThatThrownBy(() -> archives().restore(null, false, List.of("a")))
                .hasMessageContaining("the archive cannot be read");
    }
}
