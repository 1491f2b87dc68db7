package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * The packaged service on a machine whose clock is two days behind: the database's clock decides what is of use. Skipped where
 * libfaketime is not installed ({@code apt-get install faketime}).
 */
class WrongClockIT {

    private final TestDatabase database = TestDatabase.createMigrated();

    private static String reset(String to, Instant expiresAt) {
        return "{\"to\":\"" + to
                + "\",\"name\":\"Ann\",\"resetUrl\":\"https://app.test/reset?token=T\",\"expiresAt\":\"" + expiresAt
                + "\"}";
    }

    private void awaitState(String address, String state) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong("select count(*) from caretaker.email_recipient where address = '"
                                + address + "' and state = '" + state + "'")
                        == 1);
    }

    @Test
    void mailExpiresByTheClockOfTheDatabase() throws Exception {
        assumeTrue(Files.exists(ServiceProcess.FAKETIME), "libfaketime is not installed");
        try (ScriptedSmtp server = new ScriptedSmtp();
                ServiceProcess service = new ServiceProcess(database.url(), server.port()).believingIn("-2d")) {
            server.follow((step, recipient) ->
                    step == Step.RCPT && recipient.startsWith("late") ? Action.say("451 4.2.0 later") : Action.OK);
            service.start();

            service.post(
                    "/api/email/password-reset",
                    reset("late@x.test", Instant.now().plusMillis(1_500)));
            service.post(
                    "/api/email/password-reset",
                    reset("in-time@x.test", Instant.now().plusSeconds(600)));
            service.post(
                    "/api/email/welcome",
                    "{\"to\":\"welcome@x.test\",\"name\":\"Ann\",\"loginUrl\":\"https://app.test/\"}");

            awaitState("late@x.test", "expired");
            awaitState("in-time@x.test", "sent");
            awaitState("welcome@x.test", "sent");
            assertThat(server.taken()).extracting(ScriptedSmtp.Taken::recipient).doesNotContain("late@x.test");
            assertThat(
                            database.queryLong(
                                    "select count(*) from caretaker.email"
                                            + " where abs(extract(epoch from created_at - now())) > 60"
                                            + " or kind = 'welcome' and expires_at not between now() + interval '23 hours' and now() + interval '24 hours'"))
                    .isZero();
        }
    }
}
