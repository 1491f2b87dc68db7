package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.TestDatabase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutgoingDbTest {

    private final JsonMapper json = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();
    private final TestDatabase database = TestDatabase.createMigrated();
    private final TickingClock clock = new TickingClock(Instant.now());
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final AtomicInteger status = new AtomicInteger(200);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private HttpServer receiver;
    private URI url;

    @BeforeEach
    void start() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            bodies.add(exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        receiver.setExecutor(threads);
        receiver.start();
        url = URI.create("http://127.0.0.1:" + receiver.getAddress().getPort());
        database.execute(
                "insert into caretaker.incident (rule, fingerprint, severity, labels, state, summary, value, threshold,"
                        + " advice, pending_since, fired_at, last_seen_at) values ('service-down', 'service-down{x}', 'critical',"
                        + " '{\"service\":\"email-service\"}', 'firing', 'down', 'refused', 'answers', 'look', now(), now(), now())");
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
        threads.shutdownNow();
    }

    private Outgoing outgoing() {
        Outgoing.Clients clients = Outgoing.Clients.of(Duration.ofSeconds(1), meters);
        return new Outgoing(database.source(), json, clock, Optional.empty(), clients);
    }

    private void resolve() {
        database.execute("update caretaker.incident set state = 'resolved', resolved_at = now()");
    }

    @Test
    void alertmanagerIsToldAgainUntilItIsOverAndAWhileAfter() throws Exception {
        Outgoing outgoing = outgoing();
        outgoing.toAlertmanager(url);
        outgoing.toAlertmanager(url);
        resolve();
        outgoing.toAlertmanager(url);
        clock.tick(Duration.ofMinutes(20));
        outgoing.toAlertmanager(url);

        assertThat(bodies).hasSize(3).allMatch(body -> body.startsWith("/api/v2/alerts "));
        JsonNode first = json.readTree(bodies.get(0).substring("/api/v2/alerts ".length()))
                .get(0);
        assertThat(first.at("/labels/alertname").asText()).isEqualTo("service-down");
        assertThat(first.at("/labels/service").asText()).isEqualTo("email-service");
        assertThat(first.has("endsAt")).isFalse();
        assertThat(first.has("generatorURL"))
                .as("nobody said where people reach us")
                .isFalse();
        JsonNode last = json.readTree(bodies.get(2).substring("/api/v2/alerts ".length()))
                .get(0);
        assertThat(last.has("endsAt")).isTrue();
        assertThat(last.path("labels")).isEqualTo(first.path("labels"));
    }

    @Test
    void webhookGetsOpeningAndClosingUntilItTakesThemAndThenNoMore() throws Exception {
        Outgoing outgoing = outgoing();
        status.set(500);
        assertThat(outgoing.toWebhook(url)).isZero();
        status.set(204);
        assertThat(outgoing.toWebhook(url)).isOne();
        assertThat(outgoing.toWebhook(url)).isZero();
        resolve();
        assertThat(outgoing.toWebhook(url)).isOne();
        assertThat(outgoing.toWebhook(url)).isZero();

        List<String> distinct = new ArrayList<>(keys.stream().distinct().toList());
        assertThat(keys).hasSize(3);
        assertThat(distinct).hasSize(2);
        assertThat(distinct.get(0)).endsWith("-opening");
        assertThat(distinct.get(1)).endsWith("-closing");
    }

    /** Its head comes, its body never ends: the answer is given up, and meanwhile nobody waits for the incident. */
    @Test
    void webhookThatDoesNotEndItsAnswerHoldsNoIncidentAndNoReplicaCallsItMeanwhile() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        receiver.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            keys.add("slow");
            called.countDown();
            awaitQuietly(end);
        });
        Outgoing outgoing = outgoing();
        try {
            CompletableFuture<Integer> taken = CompletableFuture.supplyAsync(() -> call(outgoing, "/slow"));
            assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();

            database.execute("set lock_timeout = 100; update caretaker.incident set value = 'changed'");
            assertThat(call(outgoing(), "/other")).as("another replica's round").isZero();

            assertThat(taken.get(30, TimeUnit.SECONDS)).isZero();
            assertThat(keys).containsExactly("slow");
        } finally {
            end.countDown();
        }
        assertThat(call(outgoing, "/")).isOne();
    }

    /** Away, answering 500, silent, and well again: told at each round, and counted by what came of it. */
    @Test
    void alertmanagerThatIsAwayOrAtFaultIsToldAtEveryRoundUntilItTakesThem() throws Exception {
        receiver.createContext("/silent", exchange -> awaitQuietly(new CountDownLatch(1)));
        Outgoing outgoing = outgoing();
        URI away = URI.create("http://127.0.0.1:" + FreePort.find());

        assertThat(outgoing.toAlertmanager(away)).isFalse();
        assertThat(outgoing.toAlertmanager(url.resolve("/silent"))).isFalse();
        status.set(500);
        assertThat(outgoing.toAlertmanager(url)).isFalse();
        status.set(200);
        assertThat(outgoing.toAlertmanager(url)).isTrue();

        assertThat(counted("unreachable")).isEqualTo(2);
        assertThat(counted("refused")).isOne();
        assertThat(counted("taken")).isOne();
    }

    private double counted(String outcome) {
        return meters.counter("caretaker.monitoring.outgoing", "to", "alertmanager", "outcome", outcome)
                .count();
    }

    private int call(Outgoing outgoing, String path) {
        try {
            return outgoing.toWebhook(url.resolve(path));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitQuietly(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
