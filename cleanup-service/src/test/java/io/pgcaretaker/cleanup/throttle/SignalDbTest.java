package io.pgcaretaker.cleanup.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

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
        Duration first = transactions.run("test", session -> signals.pay(session, 500, 1_000));
        Duration second = transactions.run("test", session -> signals.pay(session, 500, 1_000));

        assertThat(first).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
        assertThat(second).isBetween(Duration.ofMillis(500), Duration.ofMillis(1_000));
    }
}
