package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import io.pgcaretaker.testing.ServerDirectory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary with a real standby: what it tells of its lag, and what is there when the standby takes over amid a run. */
class StandbyDbTest {

    private static final Logger LOG = Logger.getLogger(StandbyDbTest.class);

    private static final int EXPIRED = 20_000;
    private static final int KEPT = 1_000;

    @TempDir(factory = ServerDirectory.Factory.class)
    Path folder;

    private EmbeddedPostgres primary;
    private EmbeddedPostgres standby;

    @BeforeEach
    void startBoth() throws Exception {
        Path data = folder.resolve("primary");
        EmbeddedPostgres first = server(data).start();
        int port = first.getPort();
        Migrate.migrate(DatabaseUrl.parse(url(first)));
        execute(
                first,
                "create table items (id bigint primary key, at timestamptz, filling text);"
                        + " insert into items select n, now() - interval '9 days', repeat('x', 300) from generate_series(1, "
                        + EXPIRED + ") as n; insert into items select -n, now(), 'x' from generate_series(1, " + KEPT
                        + ") as n; create index items_at on items (at, id); analyze items");
        first.close();
        Path copy = folder.resolve("standby");
        copy(data, copy);
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=localhost port=" + port + " user=postgres'\n");
        // It fails while there is such a file.
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "archive_command = 'test ! -e " + folder.resolve("broken") + "'\n");
        primary = server(data).setPort(port).start();
        standby = server(copy).start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> query(primary, "select count(*) from pg_stat_replication where state = 'streaming'") == 1);
    }

    @AfterEach
    void stopBoth() throws Exception {
        standby.close();
        primary.close();
    }

    private static EmbeddedPostgres.Builder server(Path data) {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("archive_mode", "on")
                // A run rests for it too, and is given back where it takes long.
                .setServerConfig("autovacuum", "off")
                .setPGStartupWait(Duration.ofSeconds(60));
    }

    private static String url(EmbeddedPostgres server) {
        return "postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres";
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().equals("postmaster.pid")) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static void execute(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long query(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private TestWorker worker(EmbeddedPostgres server, Map<String, String> changes) {
        TestPolicy policy = Items.policy("P7D").with("batch-target", "PT0.002S");
        return new TestWorker(server.getPostgresDatabase(), policy.settings(changes), Clock.systemUTC());
    }

    private Thread begin(TestWorker worker) {
        Thread thread = new Thread(() -> worker.runNow("old-items"));
        // A server that is stopped for good ends the worker with it; what is awaited in other tests' threads does not
        // fail by that.
        thread.setUncaughtExceptionHandler((ended, failure) -> LOG.debugf(failure, "the worker has ended"));
        thread.start();
        return thread;
    }

    private void awaitThrottle(String reason) {
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        query(primary, "select count(*) from caretaker.cleanup_run where throttle = '" + reason + "'")
                                == 1);
    }

    private void end(Thread run) throws Exception {
        run.join(60_000);
        assertThat(query(primary, "select count(*) from caretaker.cleanup_run where state = 'completed'"))
                .isEqualTo(1);
        assertThat(query(primary, "select count(*) from items")).isEqualTo(KEPT);
    }

    @Test
    void aRunRestsWhileTheStandbyIsBehindAndGoesOnWhenItHasCaughtUp() throws Exception {
        execute(standby, "select pg_wal_replay_pause()");

        Thread run = begin(worker(primary, Map.of("throttle.replica-lag", "100k", "rows-per-second", "5000")));
        awaitThrottle("replica-lag");
        long before = query(primary, "select count(*) from items");
        assertThat(before).as("amid the run").isGreaterThan(KEPT);
        execute(standby, "select pg_wal_replay_resume()");

        end(run);
        assertThat(query(primary, "select throttled_ms from caretaker.cleanup_run"))
                .isPositive();
    }

    @Test
    void aRunRestsForAnAbandonedSlotAndForAnArchiverThatFails() throws Exception {
        execute(primary, "select pg_create_physical_replication_slot('nobody', true)");
        execute(primary, "create table more as select repeat('x', 100) from generate_series(1, 20000)");
        Thread run = begin(worker(primary, Map.of("throttle.slot-retained", "1M")));
        awaitThrottle("slot");
        Path broken = Files.createFile(folder.resolve("broken"));
        execute(primary, "select pg_switch_wal()");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> query(primary, "select failed_count from pg_stat_archiver") > 0);
        execute(primary, "select pg_drop_replication_slot('nobody')");
        awaitThrottle("archiver");
        Files.delete(broken);
        // The archiver tries three times, and then waits for a minute, or for the next file.
        execute(primary, "select pg_switch_wal()");

        end(run);
    }

    /** The standby has missed the last commits: rows, cursor, counters and ledger lines are missing together. */
    @Test
    void whatTheStandbyDidNotGetIsDoneAgainAfterItTookOver() throws Exception {
        TestWorker onPrimary = worker(primary, Map.of("rows-per-second", "2000", "lease", "1s"));
        TestWorker onStandby = worker(standby, Map.of("lease", "1s"));
        assertThatThrownBy(onStandby.worker::tick).as("a standby is refused").isInstanceOf(DatabaseFailure.class);
        Thread run = begin(onPrimary);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> query(standby, "select coalesce(max(batches), 0) from caretaker.cleanup_run") > 2);
        execute(standby, "alter system set primary_conninfo = ''");
        execute(standby, "select pg_reload_conf()");
        long ahead = query(primary, "select max(batches) from caretaker.cleanup_run") + 2;
        await().atMost(Duration.ofSeconds(60))
                .until(() -> query(primary, "select max(batches) from caretaker.cleanup_run") > ahead);
        primary.close();
        run.join(60_000);
        execute(standby, "select pg_promote()");
        long left = query(standby, "select count(*) from items");
        UUID cutOff = onStandby.transactions.run(
                "test",
                session -> session.first(
                                Sql.of("select id from caretaker.cleanup_run"), row -> row.getObject(1, UUID.class))
                        .orElseThrow());

        await().atMost(Duration.ofSeconds(60)).until(() -> {
            onStandby.worker.work();
            return query(standby, "select count(*) from caretaker.cleanup_run where state = 'completed'") == 1;
        });

        assertThat(left).as("amid the run").isGreaterThan(KEPT).isLessThan(EXPIRED + KEPT);
        assertThat(query(
                        standby,
                        "select count(*) from caretaker.cleanup_run where id = '" + cutOff + "' and fence > 1"))
                .isEqualTo(1);
        assertThat(query(standby, "select count(*) from items")).isEqualTo(KEPT);
        assertThat(query(standby, "select count(*) from items where id < 0")).isEqualTo(KEPT);
        assertThat(query(standby, "select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(EXPIRED);
        assertThat(query(standby, "select sum(rows_deleted) from caretaker.cleanup_run"))
                .isEqualTo(EXPIRED);
        assertThat(onStandby.ledgerFaults()).isEmpty();
    }
}
