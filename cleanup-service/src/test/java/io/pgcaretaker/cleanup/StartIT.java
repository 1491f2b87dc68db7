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
}
