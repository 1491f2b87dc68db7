package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.TestSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Stores differ in what they do about {@code Expect: 100-continue}: some answer at once, some do not know it. */
class S3ExpectTest {

    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");

    /** As Ceph's gateway does: its answer is there before the body is. */
    @Test
    void whatAStoreSaysBeforeItHasReadTheBodyIsTold() throws Exception {
        String error = "<?xml version=\"1.0\"?><Error><Code>QuotaExceeded</Code></Error>";
        try (RawStore server = new RawStore((head, body) -> {
            if (!head.contains("expect:")) {
                body.readNBytes(length(head));
            }
            return "HTTP/1.1 403 Forbidden\r\nContent-Length: " + error.length() + "\r\nConnection: close\r\n\r\n"
                    + error;
        })) {
            assertThatThrownBy(() -> write(server)).hasMessage("S3 write: status 403 QuotaExceeded");
        }
    }

    /** It waits for the body, and whoever asked waits for its word, for seconds, with a batch's transaction open. */
    @Test
    void aStoreThatDoesNotKnowExpectIsNotWaitedFor() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (RawStore server = new RawStore((head, body) -> {
            if (head.contains("expect:")) {
                asked.incrementAndGet();
            }
            body.readNBytes(length(head));
            return "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: " + (head.startsWith("head") ? 5 : 0)
                    + "\r\nConnection: close\r\n\r\n";
        })) {
            write(server);
            assertThat(asked).hasValue(0);
        }
    }

    private static void write(RawStore server) throws IOException {
        S3Store store = new S3Store(
                "archive",
                TestSettings.with(Map.of(
                                "archive-s3.bucket", "archive",
                                "archive-s3.endpoint", "http://127.0.0.1:" + server.socket.getLocalPort(),
                                "archive-s3.path-style", "true",
                                "archive-s3.timeout", "20s",
                                "archive-s3.access-key-id", "somebody",
                                "archive-s3.secret-access-key", "secret"))
                        .archiveS3());
        try (ArchiveStore.Upload upload = store.begin("file")) {
            upload.out().write("hello".getBytes(StandardCharsets.UTF_8));
            upload.finish();
        }
    }

    private static int length(String head) {
        Matcher length = LENGTH.matcher(head);
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }

    private interface Answering {
        String answer(String head, InputStream body) throws IOException;
    }

    /** A request a connection; it never says 100. */
    private static final class RawStore implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Answering answering;

        RawStore(Answering answering) throws IOException {
            this.answering = answering;
            Thread thread = new Thread(this::serve, "raw-store");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket connection = socket.accept()) {
                    InputStream in = new BufferedInputStream(connection.getInputStream());
                    String answer = answering.answer(head(in), in);
                    connection.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // The next one, or none.
                }
            }
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                head.append((char) c);
                if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                    break;
                }
            }
            return head.toString().toLowerCase(Locale.ROOT);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
