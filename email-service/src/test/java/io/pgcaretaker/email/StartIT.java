package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A configuration that cannot work stops the packaged service with a sentence. */
class StartIT {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOTHING   | x                                 | set SMTP_URL
            SMTP_URL  | smtp://u:hunter2@relay:99999      | SMTP_URL must be smtp://
            RESEND_API_KEY | re_hunter2                   | FROM_EMAIL is not set
            QUARKUS_MAILER_MOCK | true                    | quarkus.mailer.mock must not be set
            """)
    void wrongConfigurationStopsTheStartAndShowsNoSecret(String name, String value, String sentence) throws Exception {
        Process process = start(Map.of(name, value));

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.exitValue()).isNotZero();
        assertThat(output)
                .contains("not started", sentence)
                .doesNotContain("hunter2")
                .doesNotContain("\tat ");
    }

    /** The names of environment variables as docs/operate.md gives them. */
    @Test
    void wrongWebhookIsNamedAndNotShown() throws Exception {
        Process process = start(Map.of(
                "SMTP_URL", "smtp://127.0.0.1:25",
                "CARETAKER_EMAIL_WEBHOOKS__APP__URL", "https://app.x.test/?hunter2",
                "CARETAKER_EMAIL_WEBHOOKS__APP__SECRETS", "whsec_hunter2"));

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("caretaker.email.webhooks.\"app\".secrets must be whsec_")
                .doesNotContain("hunter2");
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
