package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A configuration that cannot work stops the packaged service with a sentence. */
class StartIT {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    @Test
    void withoutAWayOutForMailItDoesNotStart() throws Exception {
        assertThat(refusal(Map.of())).contains("set SMTP_URL");
    }

    @Test
    void resendAloneNeedsTheSender() throws Exception {
        assertThat(refusal(Map.of("RESEND_API_KEY", "re_hunter2"))).contains("FROM_EMAIL is not set");
    }

    /** The names of environment variables as docs/operate.md gives them. */
    @Test
    void allThatIsWrongIsNamedAtOnce() throws Exception {
        assertThat(refusal(Map.of(
                        "SMTP_URL", "smtp://u:hunter2@relay:99999",
                        "QUARKUS_MAILER_MOCK", "true",
                        "APP_URL", "somewhere",
                        "CARETAKER_EMAIL_WEBHOOKS__APP__URL", "https://app.x.test/?hunter2",
                        "CARETAKER_EMAIL_WEBHOOKS__APP__SECRETS", "whsec_hunter2")))
                .contains("SMTP_URL must be smtp://")
                .contains("quarkus.mailer.mock must not be set")
                .contains("APP_URL must be http")
                .contains("caretaker.email.webhooks.\"app\".secrets must be whsec_");
    }

    private static String refusal(Map<String, String> settings) throws Exception {
        Process process = start(settings);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.exitValue()).isNotZero();
        assertThat(output).contains("not started").doesNotContain("hunter2").doesNotContain("\tat ");
        return output;
    }

    private static Process start(Map<String, String> settings) throws IOException {
        ProcessBuilder command = new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "-jar",
                "target/quarkus-app/quarkus-run.jar");
        command.redirectErrorStream(true);
        command.environment().put("DATABASE_URL", DATABASE.url());
        command.environment().put("QUARKUS_HTTP_PORT", "0");
        command.environment().put("QUARKUS_MANAGEMENT_PORT", "0");
        command.environment().putAll(settings);
        return command.start();
    }
}
