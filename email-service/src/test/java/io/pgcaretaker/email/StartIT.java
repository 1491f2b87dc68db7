package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A configuration that cannot work stops the packaged service with a sentence. */
class StartIT {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    @TempDir
    Path folder;

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

    /** Mail was accepted and had expired, a server that said "not now" was asked again at once, nothing was ever ready. */
    @Test
    void timesOfLessThanNothingAreRefused() throws Exception {
        assertThat(refusal(Map.of(
                        "SMTP_URL", "smtp://localhost:2525",
                        "CARETAKER_EMAIL_EXPIRY_PLAIN", "-96h",
                        "CARETAKER_EMAIL_DELIVERY_FIRST_RETRY", "0s",
                        "CARETAKER_DATABASE_PROBE_INTERVAL", "-10s")))
                .contains("caretaker.email.expiry.plain must be more than nothing, but is PT-96H")
                .contains("caretaker.email.delivery.first-retry must be more than nothing, but is PT0S")
                .contains("caretaker.database.probe-interval must be more than nothing, but is PT-10S");
    }

    /** With a slip in its name, a key could name any sender. */
    @Test
    void aLimitForACallerThatNobodyIsIsRefused() throws Exception {
        Map<String, String> settings = Map.of(
                "SMTP_URL", "smtp://localhost:2525",
                "CARETAKER_API_KEYS", TestKeys.CONFIGURATION,
                "caretaker.email.senders.sned", "@acme.test");

        assertThat(refusal(settings)).contains("caretaker.email.senders.\"sned\" must name an API key");
    }

    /** Alerts would be refused when they are needed. */
    @Test
    void aDatabaseThatCannotKeepEveryCharacterIsRefused() throws Exception {
        DATABASE.execute("create database email_latin1 template template0 encoding 'LATIN1' locale 'C'");
        String url = DATABASE.url().replaceFirst("/[^/]*$", "/email_latin1");
        Migrate.migrate(DatabaseUrl.parse(url));

        assertThat(refusal(url, Map.of("SMTP_URL", "smtp://localhost:2525")))
                .contains("DATABASE_URL must lead to a database of the encoding UTF8", "this one's is LATIN1");
    }

    private String refusal(Map<String, String> environment) throws Exception {
        return refusal(DATABASE.url(), environment);
    }

    private String refusal(String databaseUrl, Map<String, String> environment) throws Exception {
        Path log = folder.resolve("service.log");
        Map<String, String> settings = new HashMap<>(environment);
        settings.put("DATABASE_URL", databaseUrl);
        Process process = PackagedService.process(log, settings);
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        String output = Files.readString(log);
        assertThat(process.exitValue()).isNotZero();
        assertThat(output)
                .contains("not started")
                .doesNotContain("delivering mail")
                .doesNotContain("hunter2")
                .doesNotContain("\tat ");
        return output;
    }
}
