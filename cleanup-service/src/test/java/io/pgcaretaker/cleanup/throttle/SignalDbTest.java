package io.pgcaretaker.cleanup.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Slots, which are the server's, not one database's: whoever runs beside them would rest for them. */
@Isolated
class SignalDbTest extends CleanupDbTest {

    private final Transactions transactions = new Transactions(database.source());
    private final SignalRepository signals = new SignalRepository();

    @Test
    void aQuietServerSaysNothing() {
        Signals quiet = transactions.run("test", session -> signals.read(session, 1259));

        assertThat(quiet.standbys()).isZero();
        assertThat(quiet.replayBytes()).isNull();
        assertThat(quiet.archiverFails()).isFalse();
        assertThat(quiet.autovacuum()).isFalse();
        assertThat(quiet.waiting()).isZero();
    }

    @Test
    void whoWaitsForTheTableIsSeen() throws Exception {
        database.execute("create table busy (id int)");
        long oid = database.queryLong("select 'busy'::regclass::oid::bigint");
        try (OpenTransaction holder = OpenTransaction.begin(database, "lock table busy in share mode")) {
            Thread waiter = new Thread(() -> database.execute("alter table busy add column more int"));
            waiter.start();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> transactions
                                    .run("test", session -> signals.read(session, oid))
                                    .waiting()
                            == 1);
            holder.rollback();
            waiter.join();
        }
    }

    /** Without pg_read_all_stats nobody is told whose vacuum works on what; the lock it takes is there for all to see. */
    @Test
    void maintenanceIsSeenByARoleThatMaySeeNothingElse() throws Exception {
        database.execute("create table worn (id int)");
        long oid = database.queryLong("select 'worn'::regclass::oid::bigint");
        String role = "blind_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role);
        try (OpenTransaction vacuum =
                OpenTransaction.begin(database, "lock table worn in share update exclusive mode")) {
            assertThat(as(role, oid).autovacuum()).isTrue();
            assertThat(transactions
                            .run("test", session -> signals.read(session, oid))
                            .autovacuum())
                    .as("who may see knows that it is none")
                    .isFalse();
            vacuum.rollback();
        }
        assertThat(as(role, oid).autovacuum()).isFalse();
    }

    private Signals as(String role, long oid) {
        return transactions.run("test", session -> {
            session.update(Sql.of("set local role " + role));
            return signals.read(session, oid);
        });
    }

    @Test
    void allRunsTogetherPayFromOneBudget() {
        Duration first = transactions.run("test", session -> signals.pay(session, 500_000, 1_000));
        Duration second = transactions.run("test", session -> signals.pay(session, 500_000, 1_000));

        assertThat(first).isBetween(Duration.ofSeconds(400), Duration.ofSeconds(500));
        assertThat(second).isBetween(Duration.ofSeconds(600), Duration.ofSeconds(1_000));
    }

    /** After a leap of the database's clock all runs would rest until that time has come. */
    @Test
    void whatWasOwedByAClockThatWasAheadIsForgotten() {
        database.execute("update caretaker.cleanup_budget set spent_until = clock_timestamp() + interval '1 year'");

        assertThat(transactions.<Duration>run("test", session -> signals.pay(session, 500_000, 1_000)))
                .isBetween(Duration.ofSeconds(400), Duration.ofSeconds(500));
    }

    /** Such as pg_receivewal, by which some back up: it replays nothing, and never will. */
    @Test
    void whoOnlyReceivesIsMeasuredByWhatItHasReceived() throws Exception {
        try (Connection receiver = receiver();
                PGReplicationStream stream = receiver.unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .physical()
                        .withStartPosition(LogSequenceNumber.valueOf(text("select pg_current_wal_flush_lsn()")))
                        .withStatusInterval(1, TimeUnit.SECONDS)
                        .start()) {
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                stream.readPending();
                stream.setFlushedLSN(stream.getLastReceiveLSN());
                stream.forceUpdateStatus();
                return database.queryLong("select count(*) from pg_stat_replication where flush_lsn is not null") == 1;
            });

            Signals seen = transactions.run("test", session -> signals.read(session, 1259));
            assertThat(seen.standbys()).isOne();
            assertThat(seen.replayBytes()).isNotNull();
        }
    }

    private Connection receiver() throws Exception {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "postgres");
        PGProperty.PASSWORD.set(properties, "postgres");
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return DriverManager.getConnection("jdbc:" + database.url().replace("postgres:postgres@", ""), properties);
    }

    /** PostgreSQL 18 gives up a slot that nobody has used for long, and leaves in its row what it kept. */
    @Test
    void aSlotThatWasGivenUpKeepsNothing() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(180_000);
        database.execute("alter system set idle_replication_slot_timeout = '1s'");
        database.execute("select pg_reload_conf()");
        database.execute("select pg_create_physical_replication_slot('idle', true)");
        try {
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                database.execute("checkpoint");
                return database.queryLong("select count(*) from pg_replication_slots where wal_status = 'lost'") == 1;
            });
            assertThat(database.queryLong("select count(restart_lsn) from pg_replication_slots"))
                    .isOne();

            assertThat(transactions
                            .run("test", session -> signals.read(session, 1259))
                            .slotBytes())
                    .isNull();
        } finally {
            database.execute("select pg_drop_replication_slot('idle')");
            database.execute("alter system reset idle_replication_slot_timeout");
            database.execute("select pg_reload_conf()");
        }
    }
}
