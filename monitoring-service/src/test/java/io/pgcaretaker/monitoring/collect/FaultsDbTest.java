package io.pgcaretaker.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.checks.Check;
import io.pgcaretaker.testing.ServerDirectory;
import io.pgcaretaker.testing.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes other exporters hang or fail: the numbers go on coming, and say how old they are. */
class FaultsDbTest {

    private static final Duration DEADLINE = Duration.ofSeconds(4);

    @TempDir(factory = ServerDirectory.Factory.class)
    Path folder;

    private static String url(EmbeddedPostgres server) {
        return "postgresql://postgres:postgres@localhost:" + server.getPort() + "/postgres";
    }

    private static void answersAll(Probe probe) {
        for (Collector collector : probe.collectors()) {
            assertThat(probe.readings.of(collector.name()).outcome())
                    .as(collector.name() + " "
                            + probe.readings.of(collector.name()).reason())
                    .isIn(CollectOutcome.OK, CollectOutcome.SKIPPED, CollectOutcome.PENDING);
        }
    }

    @Test
    void ddlThatOnlyWaitsHoldsUpNoCollectorAndNoCheck() throws Exception {
        TestDatabase database = TestDatabase.createMigrated();
        database.execute("create table busy (id int primary key, text text default 'x');"
                + "create index busy_lower on busy (lower(text)) where id > 0");
        try (Connection reader = database.connect();
                Statement reading = reader.createStatement();
                Probe probe = new Probe(database.url(), Clock.systemUTC(), DEADLINE)) {
            reader.setAutoCommit(false);
            reading.execute("select * from busy");
            CompletableFuture<Void> ddl =
                    CompletableFuture.runAsync(() -> database.execute("alter table busy add column more text"));
            await().until(() -> database.queryLong("select count(*) from pg_locks where not granted"
                            + " and mode = 'AccessExclusiveLock' and database ="
                            + " (select oid from pg_database where datname = current_database())")
                    == 1);
            List<Collector> checks =
                    Check.folder("checks").stream().map(Check::collector).toList();

            probe.all();
            probe.run(checks);

            answersAll(probe);
            for (Collector check : checks) {
                assertThat(probe.readings.of(check.name()).outcome())
                        .as(check.name())
                        .isIn(CollectOutcome.OK, CollectOutcome.SKIPPED, CollectOutcome.PENDING);
            }
            reader.rollback();
            ddl.get();
        }
    }

    @Test
    void fiveThousandStatementsWithHugeTextsAreSummedUpWithoutReadingTheirTexts() throws Exception {
        // Not the server of the other tests, who would read 100 MB of texts with theirs.
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("texts"))
                        .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                        .start();
                Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                Probe probe = new Probe(url(server), Clock.systemUTC(), DEADLINE)) {
            statement.execute("create extension pg_stat_statements");
            // Each a combination of types, which is what tells statements apart, with 20 kB of text.
            statement.execute("""
                set pg_stat_statements.track = 'all';
                do $$
                declare
                  columns text;
                begin
                  for i in 1..5000 loop
                    select string_agg(case when i & (1 << b) = 0 then '1' else '''a''' end, ', ') into columns
                    from generate_series(0, 12) b;
                    execute 'select ' || columns || ' /* ' || repeat('x', 20000) || ' */';
                  end loop;
                end $$""");
            probe.run(probe.collectors().stream()
                    .filter(collector -> collector.name().equals("statements"))
                    .toList());

            Reading reading = probe.readings.of("statements");
            assertThat(reading.outcome()).as(reading.reason()).isEqualTo(CollectOutcome.OK);
            assertThat(reading.rows().list()).hasSize(21);
            assertThat(reading.rows().bytes()).isLessThan(20_000);
            assertThat(reading.rows().list().stream()
                            .mapToLong(row -> row.count("calls"))
                            .sum())
                    .isGreaterThanOrEqualTo(4_000);
        }
    }

    @Test
    void standbyIsReadLikeAPrimary() throws Exception {
        Path data = folder.resolve("primary");
        EmbeddedPostgres primary = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
        int port = primary.getPort();
        try (Connection connection = primary.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table shelf (id int primary key)");
            statement.execute("checkpoint");
        }
        primary.close();
        Path copy = folder.resolve("standby");
        copy(data, copy);
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=localhost port=" + port + " user=postgres'\n");
        try (EmbeddedPostgres again = EmbeddedPostgres.builder()
                        .setPort(port)
                        .setDataDirectory(data)
                        .setCleanDataDirectory(false)
                        .start();
                EmbeddedPostgres standby = EmbeddedPostgres.builder()
                        .setDataDirectory(copy)
                        .setCleanDataDirectory(false)
                        .start();
                Probe onStandby = new Probe(url(standby), Clock.systemUTC(), DEADLINE);
                Probe onPrimary = new Probe(url(again), Clock.systemUTC(), DEADLINE)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                onStandby.all();
                return onStandby.readings.of("stat_wal_receiver").rows().list().size() == 1;
            });
            onPrimary.all();

            answersAll(onStandby);
            assertThat(onStandby.exposition(Compat.NONE))
                    .contains("\npg_up 1\n", "\npg_replication_is_replica 1\n", "pg_stat_wal_receiver_flushed_lsn{")
                    .contains("\npg_settings_transaction_read_only 1\n");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                onStandby.all();
                assertThat(onStandby.exposition(Compat.NONE))
                        .contains("\npg_replication_lag_seconds 0\n", "\ncaretaker_standby_disconnected 0\n");
            });
            assertThat(onPrimary.exposition(Compat.NONE))
                    .contains("\npg_replication_is_replica 0\n", "pg_stat_replication_pg_wal_lsn_diff{")
                    .contains("\ncaretaker_standby_disconnected 0\n");

            try (Connection connection = standby.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("alter system set primary_conninfo = 'host=localhost port=1 user=postgres'");
                statement.execute("select pg_reload_conf()");
            }

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                onStandby.all();
                assertThat(onStandby.exposition(Compat.NONE))
                        .contains("\ncaretaker_standby_disconnected 1\n")
                        .doesNotContain("\npg_replication_lag_seconds 0\n");
            });
        }
    }

    /** PostgreSQL 17: nobody reads a standby's copy of its primary's slot before it takes over. */
    @Test
    void standbysCopyOfASlotMissesNoConsumer() throws Exception {
        Path data = folder.resolve("primary");
        EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start()
                .close();
        assumeTrue(Integer.parseInt(Files.readString(data.resolve("PG_VERSION")).strip()) >= 17, "no such copies yet");
        Path copy = folder.resolve("standby");
        copy(data, copy);
        Files.createFile(copy.resolve("standby.signal"));
        try (EmbeddedPostgres primary = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("wal_level", "logical")
                .start()) {
            run(primary, "select pg_create_physical_replication_slot('standby')");
            run(primary, "select pg_create_logical_replication_slot('copied', 'pgoutput', failover => true)");
            Files.writeString(
                    copy.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=localhost port=" + primary.getPort() + " user=postgres dbname=postgres'\n"
                            + "primary_slot_name = standby\nhot_standby_feedback = on\nsync_replication_slots = on\n");
            try (EmbeddedPostgres standby = EmbeddedPostgres.builder()
                            .setDataDirectory(copy)
                            .setCleanDataDirectory(false)
                            .setServerConfig("wal_level", "logical")
                            .start();
                    Probe probe = new Probe(url(standby), Clock.systemUTC(), DEADLINE)) {
                await().atMost(Duration.ofMinutes(1)).until(() -> {
                    run(primary, "select pg_log_standby_snapshot()");
                    run(primary, "select pg_replication_slot_advance('copied', pg_current_wal_lsn())");
                    return run(standby, "select 1 from pg_replication_slots where synced and not temporary");
                });
                Check inactive = Check.folder("checks").stream()
                        .filter(check -> check.id().equals("inactive-slots"))
                        .findFirst()
                        .orElseThrow();
                probe.all();
                probe.run(List.of(inactive.collector()));

                assertThat(probe.readings.of(inactive.collector().name()).outcome())
                        .isEqualTo(CollectOutcome.OK);
                assertThat(probe.readings.of(inactive.collector().name()).rows().list())
                        .isEmpty();
                assertThat(probe.exposition(Compat.NONE))
                        .contains("\npg_replication_slots_pg_wal_lsn_diff{slot_name=\"copied\"")
                        .doesNotContain("\npg_replication_slots_active{");
            }
        }
    }

    /** True when it answers a row. */
    private static boolean run(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            return statement.executeQuery(sql).next();
        }
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

    @Test
    void connectionLimitReachedIsSaidWithHonestAges() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("max_connections", "12")
                        .setServerConfig("superuser_reserved_connections", "0")
                        .start();
                Probe probe = new Probe(url(server), Clock.systemUTC(), DEADLINE)) {
            probe.fast();
            probe.anew();
            List<Connection> all = fill(server);
            probe.fast();

            assertThat(probe.contact.loss()).contains(Contact.Loss.FULL);
            assertThat(probe.readings.of("connections").outcome()).isEqualTo(CollectOutcome.NO_CONNECTION);
            assertThat(probe.exposition(Compat.NONE))
                    .contains("caretaker_collector_age_seconds{collector=\"connections\"}")
                    .contains("pg_scrape_collector_success{collector=\"connections\"} 0\n");
            for (Connection connection : all) {
                connection.close();
            }
        }
    }

    private static List<Connection> fill(EmbeddedPostgres server) {
        List<Connection> all = new ArrayList<>();
        try {
            while (true) {
                all.add(server.getPostgresDatabase().getConnection());
            }
        } catch (SQLException full) {
            assertThat(full.getSQLState()).isEqualTo("53300");
        }
        return all;
    }
}
