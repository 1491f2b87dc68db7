package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.DatabaseRelay;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database server that takes connections and answers nothing, as one that was stopped or whose disk hangs. */
class HungDatabaseIT {

    /** Half of what the driver waits for a server that says nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

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
            assertThat(status(service.base().resolve("/emails"))).isEqualTo(200);
            assertThat(service.said()).doesNotContain("request failed");
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
                "SMTP_URL",
                "smtp://127.0.0.1:9?starttls=disabled"));
    }

    private Map<String, Integer> statuses(PackagedService service) {
        Map<String, CompletableFuture<Integer>> asked = new LinkedHashMap<>();
        for (String route : new String[] {
            "/emails", "/api/email/queue", "/api/email/attempts", "/api/email/suppressions", "/api/email/webhooks"
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
