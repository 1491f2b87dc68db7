package io.pgcaretaker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database server that takes connections and answers nothing, as one that was stopped or whose disk hangs. */
public abstract class HungDatabaseContract {

    /** Half of what the driver waits for a server that says nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    protected final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final List<String> routes;
    private final Map<String, String> settings;

    /**
     * @param routes that read what is kept, and take an operator's key
     * @param settings what the service needs besides its database
     */
    protected HungDatabaseContract(List<String> routes, Map<String, String> settings) {
        this.routes = routes;
        this.settings = settings;
    }

    @Test
    void whoAsksWhileItIsKnownToHangIsToldSoAtOnceAndAllGoesOnAfterwards() throws Exception {
        try (DatabaseRelay relay =
                        new DatabaseRelay(TestDatabase.createMigrated().url());
                PackagedService service = service(relay)) {
            service.startReady();
            relay.hang();
            awaitReadiness(service, 503);

            assertThat(statuses(service))
                    .isNotEmpty()
                    .allSatisfy((route, status) -> assertThat(status).as(route).isEqualTo(503));

            relay.goOn();
            awaitReadiness(service, 200);
            assertThat(status(service.base().resolve(routes.get(0)))).isEqualTo(200);
            assertThat(service.said()).doesNotContain("request failed");
        }
    }

    protected final PackagedService service(DatabaseRelay relay) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("DATABASE_URL", relay.url());
        all.put("CARETAKER_API_KEYS", TestKeys.CONFIGURATION);
        all.put("caretaker.database.probe-interval", "1s");
        return new PackagedService(directory.resolve("service.log"), all);
    }

    private Map<String, Integer> statuses(PackagedService service) {
        Map<String, CompletableFuture<Integer>> asked = new LinkedHashMap<>();
        routes.forEach(route -> asked.put(
                route,
                http.sendAsync(request(service.base().resolve(route)), HttpResponse.BodyHandlers.discarding())
                        .thenApply(HttpResponse::statusCode)));
        Map<String, Integer> statuses = new LinkedHashMap<>();
        asked.forEach((route, status) -> statuses.put(route, status.join()));
        return statuses;
    }

    protected final void awaitReadiness(PackagedService service, int status) {
        URI ready = service.management().resolve("/q/health/ready");
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> status(ready) == status);
    }

    protected final int status(URI address) throws Exception {
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
