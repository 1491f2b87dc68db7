package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Alertmanager is told of an incident. Skipped where it is not installed ({@code apt-get install
 * prometheus-alertmanager}).
 */
class AlertmanagerLiveDbTest {

    private static final Path ALERTMANAGER = Path.of("/usr/bin/prometheus-alertmanager");
    /** What is not sent again is over after this. */
    private static final Duration RESOLVE_TIMEOUT = Duration.ofSeconds(2);

    private static final String INCIDENT = "6f1c1d3e-0000-4000-8000-000000000001";

    @TempDir
    Path folder;

    private final JsonMapper json =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();
    private final TestDatabase database = TestDatabase.createMigrated();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> notifications = new CopyOnWriteArrayList<>();
    private final int port = FreePort.find();
    private HttpServer receiver;
    private Process alertmanager;

    @AfterEach
    void stop() throws Exception {
        if (alertmanager != null) {
            alertmanager.destroyForcibly().waitFor();
            receiver.stop(0);
        }
    }

    private void start() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            JsonNode body = json.readTree(exchange.getRequestBody());
            body.path("alerts")
                    .forEach(alert -> notifications.add(alert.path("status").asText()));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        Path configuration = Files.writeString(folder.resolve("alertmanager.yml"), """
                global: {resolve_timeout: %ds}
                route: {receiver: test, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
                receivers:
                  - name: test
                    webhook_configs: [{url: 'http://127.0.0.1:%d/', send_resolved: true}]
                """.formatted(
                        RESOLVE_TIMEOUT.toSeconds(), receiver.getAddress().getPort()));
        alertmanager = new ProcessBuilder(
                        ALERTMANAGER.toString(),
                        "--config.file=" + configuration,
                        "--storage.path=" + folder.resolve("data"),
                        "--cluster.listen-address=",
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("alertmanager.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> active().isArray());
    }

    private JsonNode active() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/v2/alerts?active=true"))
                .build();
        return json.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    @Test
    void incidentIsActiveUntilItEndsBecauseItIsSentAgainAndThenResolved() throws Exception {
        assumeTrue(Files.isExecutable(ALERTMANAGER), "prometheus-alertmanager is not installed");
        start();
        URI url = URI.create("http://127.0.0.1:" + port + "/");
        Outgoing outgoing = new Outgoing(
                database.source(),
                json,
                Clock.systemUTC(),
                Optional.of("https://caretaker.example.com/"),
                Outgoing.Clients.of(Outgoing.DEADLINE, new SimpleMeterRegistry()));
        assertThat(outgoing.toAlertmanager(url)).isTrue();
        assertThat(active()).as("nothing is wrong yet").isEmpty();

        database.execute(
                "insert into caretaker.incident (id, rule, fingerprint, severity, labels, state, summary, value,"
                        + " threshold, advice, pending_since, fired_at, last_seen_at) values ('" + INCIDENT
                        + "', 'service-down',"
                        + " 'service-down{x}', 'critical', '{\"service\":\"email-service\"}', 'firing', 'email-service is down',"
                        + " 'refused', 'answers', 'Look at its log.', now() - interval '1 minute', now(), now())");
        assertThat(outgoing.toAlertmanager(url)).isTrue();

        JsonNode alert = active().get(0);
        assertThat(alert.at("/status/state").asText()).isEqualTo("active");
        assertThat(alert.path("labels")).isEqualTo(json.readTree("""
                {"alertname": "service-down", "severity": "critical", "job": "caretaker", "service": "email-service"}
                """));
        assertThat(alert.at("/annotations/summary").asText()).isEqualTo("email-service is down");
        assertThat(alert.at("/annotations/description").asText()).isEqualTo("Look at its log.");
        assertThat(alert.path("generatorURL").asText())
                .isEqualTo("https://caretaker.example.com/api/monitoring/incidents/" + INCIDENT);
        assertThat(Instant.parse(alert.path("startsAt").asText()))
                .isBefore(Instant.now().minusSeconds(55));

        Instant told = Instant.now();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            outgoing.toAlertmanager(url);
            assertThat(active()).as("sent again in time").hasSize(1);
            return Instant.now().isAfter(told.plus(RESOLVE_TIMEOUT).plusMillis(500));
        });
        await().atMost(Duration.ofSeconds(20)).until(() -> notifications.contains("firing"));
        assertThat(notifications).doesNotContain("resolved");

        database.execute("update caretaker.incident set state = 'resolved', resolved_at = now()");
        assertThat(outgoing.toAlertmanager(url)).isTrue();
        assertThat(active()).as("over at once, not at the timeout").isEmpty();
        await().atMost(Duration.ofSeconds(20)).until(() -> notifications.contains("resolved"));
    }
}
