package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the packaged service says when it cannot start as it is configured. */
class StartIT {

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    private String refusal(Map<String, String> environment) throws Exception {
        Path log = folder.resolve("service.log");
        Map<String, String> settings = new HashMap<>(environment);
        settings.put("DATABASE_URL", database.url());
        settings.put("CARETAKER_API_KEYS", TestKeys.CONFIGURATION);
        Process service = PackagedService.process(log, settings);
        try {
            assertThat(service.waitFor(180, TimeUnit.SECONDS)).as("it ends").isTrue();
            assertThat(service.exitValue()).isNotZero();
        } finally {
            service.destroyForcibly().waitFor();
        }
        return Files.readString(log);
    }

    @Test
    void aWrongRetentionIsNamedWithItsValueAndRule() throws Exception {
        assertThat(refusal(Map.of("USER_RETENTION_DAYS", "0", "CLEANUP_INTERVAL_HOURS", "-1")))
                .contains("not started")
                .contains("USER_RETENTION_DAYS", "must be at least 1 day, but is 0")
                .contains("CLEANUP_INTERVAL_HOURS", "must be at least 1 hour, but is -1");
    }

    /** With 0 a run ended at its first batch, and less than that was no limit at all. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "-5"})
    void aBudgetOfNothingIsNamed(String rows) throws Exception {
        assertThat(refusal(Map.of("CARETAKER_CLEANUP_ROWS_PER_SECOND", rows)))
                .contains("not started", "rows-per-second", "must be at least 1, but is " + rows);
    }

    /** What cannot be called was found out at each call, and a password would have gone to everybody who is written to. */
    @Test
    void anAddressThatIsNoneOrHasAPasswordIsRefused() throws Exception {
        assertThat(refusal(Map.of("MONITORING_URL", "foo"))).contains("MONITORING_URL must be an address such as http");
        assertThat(refusal(Map.of("CLEANUP_PUBLIC_URL", "https://u:hunter2@host/path")))
                .contains("CLEANUP_PUBLIC_URL", "without user and password")
                .doesNotContain("hunter2");
    }

    @Test
    void aWrongModeIsNamed() throws Exception {
        assertThat(refusal(Map.of("CLEANUP_MODE", "delete"))).contains("caretaker.cleanup.mode", "delete");
    }

    @Test
    void aWrongColumnIsNamedWithItsPolicyAndWhatThereIs() throws Exception {
        database.execute("create table users (id text primary key, removed boolean, deleted_at timestamp)");

        assertThat(refusal(Map.of()))
                .contains("not started", "'soft-deleted-users'", "'is_deleted'", "deleted_at, id, removed");
    }

    /** Its other policies are right and due; the look at one whose table somebody has locked takes its time. */
    @Test
    void aServiceThatIsNotStartedHasBegunNothing() throws Exception {
        database.execute("create table users (id text primary key, removed boolean, deleted_at timestamp);"
                + " create table password_reset_tokens (id bigint primary key, expires_at timestamp, used boolean);"
                + " create index on password_reset_tokens (expires_at, id);"
                + " insert into password_reset_tokens select i, now() - interval '2 days', false"
                + " from generate_series(1, 50) i; create table visits (id bigint primary key, at timestamp);"
                + " create index on visits (at, id)");
        Path policies = Files.writeString(folder.resolve("policies.yaml"), """
                policies:
                  - name: old-visits
                    table: visits
                    age: { column: at, means: event, zone: UTC }
                    retention: P90D
                    every: PT24H
                    limits: { max-rows: 10000, max-fraction: 1 }
                """);

        String log;
        try (OpenTransaction elsewhere =
                OpenTransaction.begin(database, "lock table visits in access exclusive mode")) {
            log = refusal(Map.of("CLEANUP_MODE", "enforce", "CLEANUP_POLICIES_FILE", policies.toString()));
            elsewhere.rollback();
        }

        assertThat(database.queryLong("select count(*) from password_reset_tokens"))
                .isEqualTo(50);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run"))
                .isZero();
        assertThat(log)
                .contains("not started")
                .doesNotContain("application latency")
                .doesNotContain("\tat ");
    }
}
