package io.pgcaretaker.email;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service where figures have other digits, with a caller whose bodies never end, and with a table gone. */
class OddSurroundingsIT {

    /** As many as there are workers. */
    private static final int BODIES = 200;

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ScriptedSmtp server = new ScriptedSmtp();
    private final TestDatabase database = TestDatabase.createMigrated();
    private PackagedService service;

    @BeforeEach
    void start() throws IOException {
        service = new PackagedService(
                directory.resolve("service.log"),
                Map.of(
                        "DATABASE_URL",
                        database.url(),
                        "SMTP_URL",
                        "smtp://127.0.0.1:" + server.port(),
                        "CARETAKER_API_KEYS",
                        TestKeys.CONFIGURATION,
                        "user.language",
                        "ar"));
        service.startReady();
    }

    @AfterEach
    void stop() {
        service.close();
        server.close();
    }

    /** The claim's limit was written in Arabic digits, and no mail went. */
    @Test
    void mailGoesInAnArabicLocaleToo() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(service.base().resolve("/emails"))
                .header("Authorization", "Bearer " + TestKeys.SENDER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"from\":\"a@acme.test\",\"to\":\"b@x.test\",\"subject\":\"x\",\"text\":\"x\"}"))
                .build();

        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(server.taken()).hasSize(1));
        assertThat(service.said()).doesNotContain("\tat ");
    }

    /** They held all workers for a minute, and neither readiness nor metrics were answered. */
    @Test
    void probesAreAnsweredWhileOneCallersBodiesDoNotEnd() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < BODIES; i++) {
                slow.add(begun("Content-Length: 5000\r\n\r\n{"));
                slow.add(begun("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"));
            }

            for (String path : List.of("/q/health/ready", "/q/metrics")) {
                HttpRequest request = HttpRequest.newBuilder(
                                service.management().resolve(path))
                        .timeout(Duration.ofSeconds(30))
                        .build();
                assertThat(http.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .as(path)
                        .isEqualTo(200);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Each worker left a trace of its own, at each look at the queue. */
    @Test
    void whatFailsForAllWorkersIsToldOnce() throws Exception {
        database.execute("alter table caretaker.email_due rename to due_away");
        // It is measured every five seconds, and workers look every second.
        awaitWords("queue cannot be measured", "a batch was given up");
        database.execute("alter table caretaker.due_away rename to email_due");
        awaitWords("no longer so: a batch was given up");

        assertThat(service.said().lines().filter(line -> line.contains("given up, its") && line.contains("ERROR")))
                .singleElement()
                .asString()
                .contains("sqlstate=42P01");
    }

    private void awaitWords(String... words) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(service.said()).contains(words));
    }

    private Socket begun(String rest) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.base().getPort());
        socket.getOutputStream()
                .write(("POST /emails HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TestKeys.SENDER
                                + "\r\nContent-Type: application/json\r\n" + rest)
                        .getBytes(US_ASCII));
        return socket;
    }
}
