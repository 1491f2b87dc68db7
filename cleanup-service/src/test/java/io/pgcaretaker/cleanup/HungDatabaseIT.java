package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.DatabaseRelay;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database server that takes connections and answers nothing, as one that was stopped or whose disk hangs. */
class HungDatabaseIT {

    /** Half of what the driver waits for a server that says nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Enough for each timer to wait for the database. */
    private static final int THREADS = 24;

    @TempDir
    private Path directory;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void whoAsksWhileItIsKnownToHangIsToldSoAtOnceAndAllGoesOnAfterwards() throws Exception {
        try (DatabaseRelay relay =
                        new DatabaseRelay(TestDatabase.createMigrated().url());
                PackagedService service = new PackagedService(directory.resolve("service.log"), settings(relay))) {
            service.startReady();
            relay.hang();
            awaitReadiness(service, 503);

            assertThat(statuses(service))
                    .isNotEmpty()
                    .allSatisfy((route, status) -> assertThat(status).as(route).isEqualTo(503));

            relay.goOn();
            awaitReadiness(service, 200);
            assertThat(status(service.base().resolve("/api/cleanup/switch"))).isEqualTo(200);
            assertThat(service.said()).doesNotContain("request failed");
        }
    }

    /** Each of them waited with a thread for the one that looked, until nothing was answered any more. */
    @Test
    void whoListensToARunTakesNobodysThreadAndHearsHowItEnds() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        String run = UUID.randomUUID().toString();
        database.execute(
                "insert into caretaker.cleanup_run (id, policy, policy_hash, mode, trigger, slot, requested_by, state)"
                        + " values ('" + run + "', 'of-nobody', '', 'enforce', 'manual', now(), 'test', 'paused')");
        try (DatabaseRelay relay = new DatabaseRelay(database.url());
                PackagedService service = new PackagedService(directory.resolve("service.log"), settings(relay))) {
            service.startReady();
            URI progress = service.base().resolve("/api/cleanup/runs/" + run + "/progress");
            List<InputStream> listeners = new ArrayList<>();
            for (int i = 0; i < THREADS + 8; i++) {
                listeners.add(http.send(
                                HttpRequest.newBuilder(progress)
                                        .header("Accept", "text/event-stream")
                                        .header("Authorization", "Bearer " + TestKeys.OPERATOR)
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body());
            }
            relay.hang();
            awaitReadiness(service, 503);

            assertThat(status(service.base().resolve("/api/cleanup/switch"))).isEqualTo(503);

            relay.goOn();
            awaitReadiness(service, 200);
            database.execute("update caretaker.cleanup_run set state = 'cancelled', finished_at = now() where id = '"
                    + run + "'");
            for (InputStream listener : listeners) {
                assertThat(new String(listener.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("cancelled");
            }
            assertThat(service.said()).doesNotContain("Exception in SSE server handling");
        }
    }

    private static Map<String, String> settings(DatabaseRelay relay) {
        return new HashMap<>(Map.of(
                "DATABASE_URL",
                relay.url(),
                "CARETAKER_API_KEYS",
                TestKeys.CONFIGURATION,
                "caretaker.database.probe-interval",
                "1s",
                "quarkus.thread-pool.max-threads",
                String.valueOf(THREADS)));
    }

    private Map<String, Integer> statuses(PackagedService service) {
        Map<String, CompletableFuture<Integer>> asked = new LinkedHashMap<>();
        for (String route : new String[] {
            "/api/cleanup/switch",
            "/api/cleanup/runs",
            "/api/cleanup/status",
            "/api/cleanup/policies",
            "/api/cleanup/holds",
            "/api/cleanup/ledger",
            "/api/cleanup/ledger/verify",
            "/api/cleanup/archives",
            "/api/cleanup/policies/expired-sessions/notices"
        }) {
            asked.put(
                    route,
                    http.sendAsync(request(service.base().resolve(route)), HttpResponse.BodyHandlers.discarding())
                            .thenApply(HttpResponse::statusCode));
        }
        Map<String, Integer> statuses = new LinkedHashMap<>();
        asked.forEach((route, status) -> statuses.put(route, status.join()));
        return statuses;
    }

    private void awaitReadiness(PackagedService service, int status) {
        URI ready = service.management().resolve("/q/health/ready");
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> status(ready) == status);
    }

    private int status(URI address) throws Exception {
        return http.send(request(address), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static HttpRequest request(URI address) {
        return HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + TestKeys.OPERATOR)
                .build();
    }
}
