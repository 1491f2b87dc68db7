package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.ledger.LedgerAudit;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged service as a process, killed at random moments: no batch is lost, none is done twice, no run is stuck. */
class KillIT {

    private static final int KILLS = 1;

    private final TestDatabase database = TestDatabase.createMigrated();
    private Connection watcher;

    @BeforeEach
    void connect() throws SQLException {
        watcher = database.connect();
    }

    @AfterEach
    void close() throws SQLException {
        watcher.close();
    }

    @Test
    void killedAtAnyMomentItGoesOnWhereItStood() throws Exception {
        try (Connection connection = database.connect()) {
            SampleApplication.load(connection);
        }
        Map<String, SortedSet<String>> before = SampleRows.all(database);
        Map<String, SortedSet<String>> expected = SampleRows.survivors(database, true);
        Random random = new Random(42);
        for (int kill = 0; kill < KILLS; kill++) {
            long batches = batches();
            Process service = start(20);
            awaitUntil(service, () -> batches() > batches || allCompleted());
            service.waitFor(random.nextInt(800), TimeUnit.MILLISECONDS);
            service.destroyForcibly().waitFor();
        }
        Process service = start(0);
        awaitUntil(service, this::allCompleted);
        service.destroyForcibly().waitFor();

        assertThat(SampleRows.all(database)).isEqualTo(expected);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(rows(before) - rows(expected));
        assertThat(database.queryLong("select sum(rows_deleted) from caretaker.cleanup_run"))
                .isEqualTo(rows(before) - rows(expected));
        assertThat(database.queryLong("select max(fence) from caretaker.cleanup_run"))
                .as("at least one run was taken over")
                .isGreaterThan(1);
        assertThat(new LedgerAudit(new Transactions(database.source()), new LedgerRepository())
                        .verify()
                        .faults())
                .isEmpty();
    }

    private static long rows(Map<String, SortedSet<String>> tables) {
        return tables.values().stream().mapToLong(Collection::size).sum();
    }

    private long batches() throws SQLException {
        return watch("select coalesce(sum(batches), 0) from caretaker.cleanup_run");
    }

    private boolean allCompleted() throws SQLException {
        return watch("select count(distinct policy) from caretaker.cleanup_run where state = 'completed'") == 5;
    }

    /** Asked fifty times a second: over one session. */
    private long watch(String sql) throws SQLException {
        try (Statement statement = watcher.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void awaitUntil(Process service, Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> condition.call() || !service.isAlive());
        assertThat(service.isAlive()).as("the service did not end by itself").isTrue();
    }

    /** Small batches and long rests make kills meet runs that are under way; the last one need not rest. */
    private Process start(int nice) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "DATABASE_URL", database.url(),
                "CARETAKER_API_KEYS", TestKeys.CONFIGURATION,
                "CLEANUP_MODE", "enforce",
                "caretaker.cleanup.nice", String.valueOf(nice),
                "caretaker.cleanup.lease", "1s",
                "caretaker.cleanup.poll-interval", "1s",
                "caretaker.cleanup.statement-timeout", "5s",
                "caretaker.cleanup.policies.\"soft-deleted-users\".batch-target", "0.01s",
                "caretaker.cleanup.policies.\"expired-sessions\".batch-target", "0.01s"));
        // An empty variable counts as not set: a Deployment may leave them so.
        for (String empty :
                List.of("USER_RETENTION_DAYS", "CLEANUP_INTERVAL_HOURS", "ALERT_EMAIL", "CLEANUP_POLICIES_FILE")) {
            settings.put(empty, "");
        }
        return PackagedService.process(Path.of("target", "kill-it.log"), settings);
    }
}
