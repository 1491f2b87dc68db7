package io.pgcaretaker.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.access.ApiKeys;
import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Secrets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ServiceEnvironmentTest {

    private static final String OWN_DATABASE = "postgresql://app:secret@db.example.com/app";
    private static final String KEY = "ctk_0123456789abcdef0123456789abcdef";

    @Test
    void theSampleIsEnforcedAndItsMailIsCaught() {
        Map<String, String> email = environment(Map.of(), true).of(Service.EMAIL);

        assertThat(email)
                .containsEntry("CLEANUP_MODE", "enforce")
                .containsEntry("SMTP_URL", "smtp://127.0.0.1:1025?starttls=disabled")
                .containsEntry("QUARKUS_HTTP_PORT", "8083")
                .containsEntry("QUARKUS_MANAGEMENT_HOST", "127.0.0.1")
                .containsEntry("MONITORING_URL", "http://127.0.0.1:8081")
                .containsEntry("ALERT_EMAIL", "operator@example.com")
                .containsEntry("FROM_EMAIL", "Caretaker <caretaker@example.com>");
    }

    @Test
    void aDatabaseOfTheirOwnIsInShadowModeUntilTheySayOtherwise() {
        Map<String, String> own = Map.of("DATABASE_URL", OWN_DATABASE);
        Map<String, String> enforced = Map.of("DATABASE_URL", OWN_DATABASE, "CLEANUP_MODE", "enforce");

        assertThat(environment(own, false).of(Service.CLEANUP)).containsEntry("CLEANUP_MODE", "shadow");
        assertThat(environment(enforced, false).of(Service.CLEANUP)).containsEntry("CLEANUP_MODE", "enforce");
    }

    @Test
    void eachServiceMayHaveARoleOfItsOwnInTheirDatabase() {
        String cleanups = "postgresql://caretaker_cleanup:secret@db.example.com/app";
        Map<String, String> set = Map.of("DATABASE_URL", OWN_DATABASE, "CLEANUP_DATABASE_URL", cleanups);

        assertThat(environment(set, false).of(Service.CLEANUP)).containsEntry("DATABASE_URL", cleanups);
        assertThat(environment(set, false).of(Service.EMAIL))
                .containsEntry("DATABASE_URL", OWN_DATABASE)
                .containsEntry("CLEANUP_DATABASE_URL", "");
        assertThat(environment(set, true).of(Service.CLEANUP)).containsEntry("DATABASE_URL", OWN_DATABASE);
    }

    @Test
    void anEmptyVariableIsNotSet() {
        assertThat(environment(Map.of("CLEANUP_MODE", "", "DATABASE_URL", " "), true)
                        .of(Service.CLEANUP))
                .containsEntry("CLEANUP_MODE", "enforce");
    }

    @Test
    void whatIsNamedFromWhereTheyAreIsFoundByTheServices() {
        Map<String, String> named = Map.of(
                "CLEANUP_POLICIES_FILE", "policies.yaml",
                "CLEANUP_ARCHIVE_DIRECTORY", "archive",
                "EMAIL_TEMPLATES", "templates");

        Map<String, String> environment = environment(named, true).of(Service.CLEANUP);

        named.forEach((name, value) -> assertThat(environment)
                .containsEntry(name, Path.of(value).toAbsolutePath().toString()));
    }

    @Test
    void mailGoesWhereTheyTellIt() {
        assertThat(new Settings(Map.of("SMTP_URL", "smtp://mail")).catchesMail())
                .isFalse();
        assertThat(new Settings(Map.of("RESEND_API_KEY", "re_x", "DATABASE_URL", OWN_DATABASE)).catchesMail())
                .isFalse();
        assertThat(new Settings(Map.of("DATABASE_URL", OWN_DATABASE)).catchesMail())
                .isTrue();
    }

    @Test
    void theSampleApplicationsUsersAreNotWrittenToThroughAKeyThatLiesAround() {
        Map<String, String> email =
                environment(Map.of("RESEND_API_KEY", "re_x"), true).of(Service.EMAIL);

        assertThat(email).containsKey("SMTP_URL").containsEntry("RESEND_API_KEY", "");
    }

    @Test
    void keysOfTheirOwnStayValidBesideThoseOfThisMachine() {
        String theirs = "ops:viewer:" + KEY + "\n# the last line is a comment";

        String keys = environment(Map.of("CARETAKER_API_KEYS", theirs), true)
                .of(Service.EMAIL)
                .get("CARETAKER_API_KEYS");

        assertThat(ApiKeys.parse(List.of(keys)).isEmpty()).isFalse();
        assertThat(keys.lines())
                .hasSize(4)
                .contains("caretaker-local:operator+sender+reporter:" + KEY + "L")
                .contains("caretaker-service:sender+viewer:" + KEY + "S");
    }

    @Test
    void filesAreNamedFromWhereThePersonIs() {
        assertThat(environment(Map.of("CLEANUP_POLICIES_FILE", "mine.yaml"), true)
                        .of(Service.CLEANUP)
                        .get("CLEANUP_POLICIES_FILE"))
                .startsWith("/")
                .endsWith("/mine.yaml");
    }

    @Test
    void aWrongDatabaseUrlIsRefusedWithoutShowingIt() {
        Settings settings = new Settings(Map.of("DATABASE_URL", "mysql://app:hunter2@host/app"));

        assertThatThrownBy(settings::databaseUrl)
                .isInstanceOf(CannotException.class)
                .hasMessageStartingWith("DATABASE_URL must be postgresql://")
                .hasMessageNotContaining("hunter2");
    }

    private static ServiceEnvironment environment(Map<String, String> set, boolean sample) {
        PortPlan ports = PortPlan.choose(EnumSet.allOf(Port.class), OptionalInt.empty(), port -> true);
        Secrets secrets = new Secrets(KEY + "L", KEY + "S", "pw");
        return new ServiceEnvironment(new Settings(set), secrets, ports, OWN_DATABASE, sample);
    }
}
