package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.pgcaretaker.cleanup.Caller;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Archived to a bucket. */
class S3ArchiveDbTest extends ArchiveContract {

    private static TestS3 s3;

    @BeforeAll
    static void start() throws Exception {
        s3 = new TestS3();
    }

    @AfterAll
    static void stop() throws Exception {
        s3.stop();
    }

    @Override
    Map<String, String> place() {
        s3.clear();
        return s3.settings();
    }

    @Override
    void spoil(String name) {
        s3.put(name, "x");
    }

    @Override
    void remove(String name) {
        s3.remove(name);
    }

    /** How a run ended that archives one letter to a store with these settings beside the test's own. */
    private String endWith(Map<String, String> other) throws Exception {
        database.execute("insert into letters (id, at) values (9, now() - interval '9 days')");
        Map<String, String> settings = new HashMap<>(s3.settings());
        settings.putAll(other);
        UUID run = new TestWorker(database, POLICY.settings(settings)).runNow("old-letters");
        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(1);
        return run(run, "state || ' ' || rows_deleted || ' ' || stop_reason || ': ' || stop_detail");
    }

    private static String notWritten(String why) {
        return "failed 0 archive-error: the archive cannot be written (" + why + "), nothing of this batch was deleted;"
                + " mend the bucket " + TestS3.BUCKET + ", and the next run goes on";
    }

    @Test
    void withoutItsStoreABatchDeletesNothing() throws Exception {
        assertThat(endWith(Map.of("archive-s3.secret-access-key", "wrong")))
                .isEqualTo(notWritten("S3 write: status 403 SignatureDoesNotMatch"));
    }

    @Test
    void whyAStoreThatIsNotThereTakesNothingIsSaid() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        assertThat(endWith(Map.of("archive-s3.endpoint", "http://127.0.0.1:" + free)))
                .isEqualTo(notWritten("S3 write: SdkClientException, ConnectException"));
    }

    /** As a gate before the store may answer: no word of S3's in it. */
    @Test
    void whatRefusesWithoutAWordIsRefusalEnough() throws Exception {
        HttpServer gate = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gate.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
        });
        gate.start();
        try {
            assertThat(endWith(Map.of(
                            "archive-s3.endpoint",
                            "http://127.0.0.1:" + gate.getAddress().getPort())))
                    .isEqualTo(notWritten("S3 write: status 403"));
        } finally {
            gate.stop(0);
        }
    }

    /** Fewer rows would be written no sooner: the store takes its time for each file. */
    @Test
    void aSlowStoreMakesNoSmallFiles() throws Exception {
        database.execute("insert into letters (id, at, text) select n, now() - interval '9 days', repeat('x', 1500)"
                + " from generate_series(10, 1009) n; analyze letters");
        Map<String, String> settings = new HashMap<>(s3.settings());
        int port = URI.create(settings.get("archive-s3.endpoint")).getPort();
        try (SlowRelay slow = new SlowRelay(port, Duration.ofMillis(120))) {
            settings.put("archive-s3.endpoint", "http://127.0.0.1:" + slow.port());

            UUID run = new TestWorker(database, POLICY.settings(settings)).runNow("old-letters");

            assertThat(run(run, "state || ' ' || rows_deleted")).isEqualTo("completed 1000");
            assertThat(database.queryLong("select count(*) from caretaker.cleanup_ledger where run_id = '" + run + "'"))
                    .isLessThan(20);
        }
    }

    @Override
    AutoCloseable beginOfAnother(String name) throws Exception {
        ArchiveStore.Upload upload =
                new S3Store(TestS3.BUCKET, worker.settings().archiveS3()).begin(name);
        upload.out().write(new byte[6 << 20]);
        return upload;
    }

    @Override
    boolean isOnItsWay(String name) {
        return s3.unfinished() == 1;
    }

    @Test
    void anUploadThatNobodyFinishedIsTakenAway() throws Exception {
        S3Store store = new S3Store(TestS3.BUCKET, worker.settings().archiveS3());
        String name = "old-letters-" + UUID.randomUUID() + "-1-1-0123456789ab-0123abcd.csv.zst";
        ArchiveStore.Upload upload = store.begin(name);
        upload.out().write(new byte[6 << 20]);
        assertThat(s3.unfinished()).isEqualTo(1);

        archive.tidy(Instant.now().plus(Duration.ofHours(1)), file -> false);

        assertThat(s3.unfinished()).isZero();
        assertThat(store.open(name)).isEmpty();
        try (ArchiveStore.Upload closed = store.begin("closed")) {
            closed.out().write(new byte[6 << 20]);
        }
        assertThat(s3.unfinished()).isZero();
    }

    @Test
    void anErrorSaysWhatTheStoreSaidAndNoSecret() {
        S3Store store = new S3Store("no-such-bucket", worker.settings().archiveS3());

        assertThatThrownBy(() -> store.begin("x").finish())
                .isInstanceOf(IOException.class)
                .hasMessage("S3 write: status 404 NoSuchBucket")
                .hasStackTraceContaining("S3 write")
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain(TestS3.SECRET));
    }

    /** A problem of the store's is no error of ours, and reads nothing back. */
    @Test
    void aStoreThatIsAwayOrAnswersHalfIsSaidToBeSo() throws Exception {
        Manifest manifest = manifest(0);
        byte[] json = Archive.JSON.writeValueAsBytes(manifest);
        HttpServer gate = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicBoolean away = new AtomicBoolean();
        gate.createContext("/", exchange -> {
            if (away.get()) {
                exchange.sendResponseHeaders(503, -1);
            } else if (exchange.getRequestURI().getPath().endsWith(".json")) {
                exchange.sendResponseHeaders(200, json.length);
                exchange.getResponseBody().write(json);
            } else {
                exchange.sendResponseHeaders(200, manifest.bytes());
                exchange.getResponseBody().write(new byte[10]);
                exchange.getResponseBody().flush();
            }
            exchange.close();
        });
        gate.start();
        try {
            Map<String, String> settings = new HashMap<>(s3.settings());
            settings.put(
                    "archive-s3.endpoint",
                    "http://127.0.0.1:" + gate.getAddress().getPort());
            settings.put("archive-s3.timeout", "4s");
            ArchiveResource resource = new ArchiveResource(TestSettings.with(settings), worker.transactions);

            assertThat(problem(() -> resource.restore(manifest.file(), null, Caller.OPERATOR)))
                    .contains("did not come as a whole");
            away.set(true);
            assertThat(problem(() -> resource.restore(manifest.file(), null, Caller.OPERATOR)))
                    .startsWith("503")
                    .contains("S3 read: status 503");
            assertThat(problem(() -> resource.list(null, null, 0, 10)))
                    .startsWith("503")
                    .contains("S3 list: status 503");
        } finally {
            gate.stop(0);
        }
        assertThat(database.queryLong("select count(*) from letters")).isZero();
    }

    private static String problem(ThrowingCallable request) {
        Problem problem = catchThrowableOfType(ProblemException.class, request).problem();
        return problem.status() + " " + problem.detail();
    }
}
