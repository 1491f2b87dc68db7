package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The packaged service, killed again and again while mail comes in and goes out: what was accepted is delivered, and
 * what was delivered twice was reported unknown.
 */
class CrashIT {

    private static final int KILLS = 2;
    private static final Duration BETWEEN_KILLS = Duration.ofMillis(1500);

    private final ScriptedSmtp server = new ScriptedSmtp();
    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void killedServiceLosesNothingAndRepeatsOnlyWhatItReportsAsUnknown() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        server.follow((step, recipient) -> {
            if (step == Step.END) {
                pause(never);
            }
            return Action.OK;
        });
        Map<String, String> accepted = new ConcurrentHashMap<>();
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService callers = Executors.newFixedThreadPool(3);
        try (ServiceProcess service = new ServiceProcess(database.url(), server.port())) {
            service.start();
            for (int caller = 0; caller < 3; caller++) {
                String name = "caller" + caller;
                callers.execute(() -> service.handIn(name, accepted, enough));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                int before = accepted.size();
                await().atMost(Duration.ofSeconds(60)).until(() -> accepted.size() > before + 30);
                never.await(BETWEEN_KILLS.toMillis(), TimeUnit.MILLISECONDS);
                service.kill();
                service.start();
            }
            enough.set(true);
            callers.shutdown();
            assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> database.queryLong("select count(*) from caretaker.email_due") == 0);
        } finally {
            callers.shutdownNow();
            server.close();
        }
        verify(accepted);
    }

    private static void pause(CountDownLatch never) {
        try {
            never.await(5, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void verify(Map<String, String> accepted) {
        Map<String, List<ScriptedSmtp.Taken>> delivered =
                server.taken().stream().collect(Collectors.groupingBy(ScriptedSmtp.Taken::recipient));
        assertThat(delivered.keySet()).containsExactlyInAnyOrderElementsOf(accepted.keySet());
        assertThat(database.queryLong("select count(*) from caretaker.email")).isEqualTo(accepted.size());
        assertThat(database.queryLong("select count(*) from caretaker.email_recipient where state = 'sent'"))
                .isEqualTo(accepted.size());
        int duplicates = 0;
        for (Map.Entry<String, List<ScriptedSmtp.Taken>> mail : delivered.entrySet()) {
            int more = mail.getValue().size() - 1;
            duplicates += more;
            assertThat(mail.getValue().stream()
                            .map(ScriptedSmtp.Taken::messageId)
                            .distinct())
                    .hasSize(1);
            if (more > 0) {
                assertThat(unknownAttempts(mail.getKey())).as(mail.getKey()).isGreaterThanOrEqualTo(more);
            }
        }
        System.out.printf(
                "accepted=%d delivered=%d kills=%d duplicates=%d reportedUnknown=%d%n",
                accepted.size(),
                delivered.size(),
                KILLS,
                duplicates,
                database.queryLong("select count(*) from caretaker.email_attempt where outcome = 'unknown'"));
    }

    private long unknownAttempts(String recipient) {
        return database.queryLong("select count(*) from caretaker.email_attempt a"
                + " join caretaker.email_recipient r on r.id = a.recipient_id"
                + " where a.outcome = 'unknown' and r.address = '" + recipient + "'");
    }
}
