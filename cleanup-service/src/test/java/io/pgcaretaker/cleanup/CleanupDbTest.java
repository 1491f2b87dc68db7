package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SortedSet;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A database of the test's own with Caretaker's schema, and what a test asks it again and again. */
public abstract class CleanupDbTest {

    protected final TestDatabase database;

    protected CleanupDbTest() {
        this(TestDatabase.createMigrated());
    }

    /** For tests that can share one: making it takes longer than they do. */
    protected CleanupDbTest(TestDatabase database) {
        this.database = database;
    }

    /** What the run's record says: a column, or an expression that joins several. */
    protected final String run(UUID id, String columns) throws SQLException {
        return text("select " + columns + " from caretaker.cleanup_run where id = '" + id + "'");
    }

    protected final String text(String sql) throws SQLException {
        return texts(sql).first();
    }

    protected final SortedSet<String> texts(String sql) throws SQLException {
        return SampleRows.texts(database, sql);
    }

    /** Of a row of a table in {@code public}; the key as JSON. */
    protected final void hold(String policy, String table, String key) {
        database.execute(holding(policy, table, key));
    }

    protected static String holding(String policy, String table, String key) {
        return """
                insert into caretaker.legal_hold (case_id, policy, subject_table, subject_key, reason, placed_by)
                values ('C-1', '%s', '"public"."%s"', '%s', 'court', 'test')
                """.formatted(policy, table, key);
    }

    /** A session of this database, other than the one that asks, as {@code pg_stat_activity} has it. */
    protected final void awaitSession(String condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        database.queryLong("select count(*) from pg_stat_activity where datname = current_database()"
                                        + " and pid <> pg_backend_pid() and " + condition)
                                > 0);
    }

    protected final void awaitLockWait() {
        awaitSession("wait_event_type = 'Lock'");
    }

    protected final long serverVersion() {
        return database.queryLong("select current_setting('server_version_num')::int");
    }

    /** PostgreSQL 13 reads no range of blocks by itself, and detaches a partition in one go or not at all. */
    protected final void assumeNotPostgres13() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(140_000);
    }
}
