package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The packaged service whose conversations all die at once without a word, as with a relay that is replaced by another: the
 * server answers every new one.
 */
class StalledConversationsIT {

    private static final Duration SEND_DEADLINE = Duration.ofSeconds(60);

    private static final int WORKERS = 4;

    private final TestDatabase database = TestDatabase.createMigrated();

    private static String mail(String to) {
        return "{\"from\":\"a@acme.test\",\"to\":\"" + to + "\",\"subject\":\"x\",\"text\":\"x\"}";
    }

    @Test
    void mailGoesOnLongBeforeTheLostConversationsAreGivenUp() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp();
                ServiceProcess service = new ServiceProcess(database.url(), server.port(), SEND_DEADLINE)) {
            server.follow(
                    (step, recipient) -> step == Step.END && recipient.startsWith("lost") ? Action.SILENCE : Action.OK);
            service.start();
            for (int i = 0; i < WORKERS; i++) {
                service.post("/emails", mail("lost" + i + "@x.test"));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> server.taken().size() == WORKERS);

            // Claimed together: whoever puts the first one off is held up by the second.
            service.post("/emails/batch", "[" + mail("next@x.test") + "," + mail("lost@y.test") + "]");

            await().atMost(SEND_DEADLINE)
                    .until(() -> server.taken().stream()
                            .anyMatch(taken -> taken.recipient().equals("next@x.test")));
            assertThat(database.queryLong("select count(*) from caretaker.email_attempt where outcome = 'unknown'"))
                    .as("conversations given up by then")
                    .isZero();
        }
    }
}
