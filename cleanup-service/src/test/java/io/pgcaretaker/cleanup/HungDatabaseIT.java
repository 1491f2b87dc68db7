package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.DatabaseRelay;
import io.pgcaretaker.testing.HungDatabaseContract;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class HungDatabaseIT extends HungDatabaseContract {

    /** Enough for each timer to wait for the database. */
    private static final int THREADS = 24;

    HungDatabaseIT() {
        super(
                List.of(
                        "/api/cleanup/switch",
                        "/api/cleanup/runs",
                        "/api/cleanup/status",
                        "/api/cleanup/policies",
                        "/api/cleanup/holds",
                        "/api/cleanup/ledger",
                        "/api/cleanup/ledger/verify",
                        "/api/cleanup/archives",
                        "/api/cleanup/policies/expired-sessions/notices"),
                Map.of("quarkus.thread-pool.max-threads", String.valueOf(THREADS)));
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
                PackagedService service = service(relay)) {
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

    /** Each looked for itself at first: they took all connections, and no run was carried on. */
    @Test
    void ofAllWhoBeginToListenAtOnceOneLooks() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        String run = UUID.randomUUID().toString();
        database.execute(
                "insert into caretaker.cleanup_run (id, policy, policy_hash, mode, trigger, slot, requested_by, state)"
                        + " values ('" + run + "', 'of-nobody', '', 'enforce', 'manual', now(), 'test', 'paused')");
        try (DatabaseRelay relay = new DatabaseRelay(database.url());
                PackagedService service = service(relay)) {
            service.startReady();
            HttpRequest progress = HttpRequest.newBuilder(
                            service.base().resolve("/api/cleanup/runs/" + run + "/progress"))
                    .header("Accept", "text/event-stream")
                    .header("Authorization", "Bearer " + TestKeys.OPERATOR)
                    .build();
            List<CompletableFuture<HttpResponse<InputStream>>> listeners = new ArrayList<>();
            try (OpenTransaction other =
                    OpenTransaction.begin(database, "lock table caretaker.cleanup_run in access exclusive mode")) {
                for (int i = 0; i < THREADS + 8; i++) {
                    listeners.add(http.sendAsync(progress, HttpResponse.BodyHandlers.ofInputStream()));
                }
                Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .until(() -> listening(listeners) >= listeners.size() - 1);
                other.rollback();
            }
        }
    }

    private static long listening(List<CompletableFuture<HttpResponse<InputStream>>> listeners) {
        return listeners.stream()
                .filter(one -> one.isDone()
                        && !one.isCompletedExceptionally()
                        && one.join().statusCode() == 200)
                .count();
    }
}
