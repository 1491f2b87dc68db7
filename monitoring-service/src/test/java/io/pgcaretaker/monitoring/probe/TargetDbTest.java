package io.pgcaretaker.monitoring.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Connector;
import io.pgcaretaker.monitoring.collect.Lane;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.testing.TestDatabase;
import io.smallrye.config.ConfigValidationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real database; the control plane is a stand-in, because Neon's cannot be had without an account. */
class TargetDbTest {

    private static final Duration LEAVE_AFTER = Duration.ofMinutes(1);
    private static final Duration DEADLINE = Duration.ofSeconds(4);

    private final TestDatabase database = TestDatabase.create();
    private final TickingClock clock = new TickingClock(Instant.now());
    private final AtomicReference<String> answer = new AtomicReference<>("{}");
    private HttpServer neon;
    private Target target;

    private record Neon(URI api, String project, String endpoint, String apiKey) implements MonitoringConfig.Neon {}

    @BeforeEach
    void start() throws IOException {
        neon = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        neon.createContext("/projects/p/endpoints/e", exchange -> {
            boolean known = "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] body = answer.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        neon.start();
        target = target("secret");
    }

    @AfterEach
    void stop() {
        target.close();
        neon.stop(0);
    }

    private Target target(String key) {
        DatabaseUrl url = DatabaseUrl.parse(database.url());
        Connector connector =
                new Connector(url.jdbcUrl(), String.valueOf(url.username()), String.valueOf(url.password()), DEADLINE);
        NeonClient client = new NeonClient(
                new Neon(URI.create("http://127.0.0.1:" + neon.getAddress().getPort()), "p", "e", key),
                Duration.ofMillis(500));
        return new Target(
                Catalogue.forTargets(20, Duration.ofSeconds(2)).get(),
                (readings, contact) -> new Lane(connector, readings, contact, clock, DEADLINE, "shop"),
                Map.of(Pace.FAST, Duration.ofSeconds(5)),
                clock,
                Optional.of(new Target.Sleeper(client, new SleepPolicy(LEAVE_AFTER))));
    }

    /** What somebody puts in a name's place may be an address with its password. */
    @Test
    void wrongNameOrAddressOfATargetIsSaidWithoutIt() {
        assertThatThrownBy(() -> Targets.check("postgresql://u:secret@host/db"))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining("caretaker.monitoring.targets: a name must be")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> Targets.url("shop", "postgresq://u:secret@host/db"))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining("caretaker.monitoring.targets.shop.url must be postgresql://")
                .message()
                .doesNotContain("secret");
        Targets.check("Shop_1.eu-west");
    }

    private void says(String state, Instant lastActive) {
        answer.set("{\"endpoint\":{\"current_state\":\"" + state + "\",\"last_active\":\"" + lastActive + "\"}}");
    }

    private long ourSessions() {
        return database.queryLong("select count(*) from pg_stat_activity where datname = current_database()"
                + " and application_name = 'caretaker-monitoring'");
    }

    private Target.State tick() {
        clock.tick(Duration.ofSeconds(10));
        target.tick();
        return target.state();
    }

    /** Of a hundred targets nobody could tell which one. */
    @Test
    void aTargetThatIsAwayIsToldByItsName() {
        List<String> told = new ArrayList<>();
        Handler handler = handler(told);
        Logger log = Logger.getLogger(Lane.class.getName());
        log.addHandler(handler);
        Connector nobody = new Connector("jdbc:postgresql://127.0.0.1:1/shop", "u", "p", DEADLINE);
        Target away = new Target(
                Catalogue.forTargets(20, Duration.ofSeconds(2)).get(),
                (readings, contact) -> new Lane(nobody, readings, contact, clock, DEADLINE, "shop"),
                Map.of(Pace.FAST, Duration.ofSeconds(5)),
                clock,
                Optional.empty());
        try {
            away.tick();
        } finally {
            log.removeHandler(handler);
            away.close();
        }

        assertThat(told).containsExactly("database does not answer sqlstate=08001 target=shop");
    }

    private static Handler handler(List<String> told) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                told.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void suspendedIsNotConnectedToAndNotDown() {
        says("idle", clock.instant());

        assertThat(tick()).isEqualTo(Target.State.SUSPENDED);

        assertThat(ourSessions()).isZero();
        assertThat(target.wakeups()).isZero();
    }

    @Test
    void whenNobodyKnowsNobodyConnects() {
        Target unknown = target("wrong");

        unknown.tick();

        assertThat(unknown.state()).isEqualTo(Target.State.UNKNOWN);
        assertThat(ourSessions()).isZero();
        unknown.close();
    }

    /** Silent, or with an answer that never ends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void controlPlaneThatDoesNotComeToAnEndIsGivenUpAndNobodyConnects(boolean begins) {
        CountDownLatch end = new CountDownLatch(1);
        neon.removeContext("/projects/p/endpoints/e");
        neon.createContext("/projects/p/endpoints/e", exchange -> {
            if (begins) {
                exchange.sendResponseHeaders(200, 0);
            }
            try {
                while (!end.await(50, TimeUnit.MILLISECONDS)) {
                    if (begins) {
                        exchange.getResponseBody().write(' ');
                        exchange.getResponseBody().flush();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            assertThat(tick()).isEqualTo(Target.State.UNKNOWN);
            assertThat(ourSessions()).isZero();
        } finally {
            end.countDown();
        }
    }

    @Test
    void looksWhileOthersAreThereLeavesWhenTheyAreGoneAndComesBackWhenTheyAre() throws Exception {
        says("active", clock.instant());
        try (Connection other = database.connect()) {
            assertThat(tick()).isEqualTo(Target.State.UP);
            assertThat(ourSessions()).isOne();
            assertThat(other.isValid(1)).isTrue();
            assertThat(tick()).isEqualTo(Target.State.UP);
        }

        clock.tick(Duration.ofMinutes(2));
        tick();
        assertThat(tick()).isEqualTo(Target.State.LEFT_ALONE);
        assertThat(ourSessions()).isZero();
        says("active", clock.instant());
        assertThat(tick()).as("that was our own look").isEqualTo(Target.State.LEFT_ALONE);
        says("idle", clock.instant());
        assertThat(tick()).isEqualTo(Target.State.SUSPENDED);

        clock.tick(Duration.ofMinutes(10));
        says("active", clock.instant());
        try (Connection other = database.connect()) {
            assertThat(other.isValid(1)).isTrue();
            assertThat(tick()).isEqualTo(Target.State.UP);
        }
        assertThat(target.wakeups()).isZero();
    }
}
