package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An account whose purge takes several transactions, all was stopped after the first ones, and its window is open again. */
class PartlyGoneDbTest extends CleanupDbTest {

    private static final int ORDERS = 30_000;

    @BeforeEach
    void purgeAPart() throws Exception {
        database.execute("""
                create table users (id text primary key, gone_at timestamptz);
                create index users_gone on users (gone_at, id);
                create table orders (id int primary key, user_id text not null references users on delete cascade);
                create index orders_user on orders (user_id);
                insert into users values ('a', now() - interval '40 days'), ('b', now() - interval '35 days'), ('c', null);
                insert into orders select n, 'a' from generate_series(1, %1$d) as n;
                insert into orders select %1$d + n, 'b' from generate_series(1, 10) as n;
                analyze
                """.formatted(ORDERS));
        TestWorker stopped = new TestWorker(
                InterceptedSessions.beforeStatement(
                        database.source(),
                        "caretaker.cleanup.pick */",
                        (session, method, sql) -> database.execute("update caretaker.cleanup_switch set stopped = true"
                                + " where exists (select 1 from caretaker.cleanup_ledger)")),
                policy("P30D").settings(),
                Clock.systemUTC());
        UUID run = stopped.runNow("users");
        assertThat(run(run, "coalesce(throttle, state)")).isEqualTo("kill-switch");
        assertThat(orders("a")).as("orders left").isBetween(1L, ORDERS - 1L);
        assertThat(texts("select id from users")).containsExactly("a", "b", "c");
    }

    private static TestPolicy policy(String retention) {
        return TestPolicy.of("users", "users", retention)
                .age("gone_at")
                .with("restore", "[ { column: gone_at, to: null } ]");
    }

    private long orders(String user) {
        return database.queryLong("select count(*) from orders where user_id = '" + user + "'");
    }

    private RestoreOutcome restore(String user) {
        TestWorker longer = new TestWorker(database, policy("P60D").settings());
        Preflight preflight = longer.preflight();
        RetentionPolicy policy = longer.policy("users");
        return new Restore(longer.transactions, preflight)
                .restore(new Restore.Wanted(
                        policy,
                        preflight.table(policy).orElseThrow(),
                        new RowKey(List.of("id"), List.of(user)),
                        null,
                        false));
    }

    @Test
    void itDoesNotComeBackAsIfItWereWhole() throws Exception {
        assertThat(restore("a"))
                .isInstanceOfSatisfying(
                        RestoreOutcome.Refused.class,
                        refused -> assertThat(refused.why()).contains("gone for good"));

        assertThat(texts("select id from users where gone_at is null")).containsExactly("c");
    }

    @Test
    void othersComeBackAndSoDoesTheSameOneWhenItIsDeletedAnew() throws Exception {
        assertThat(restore("b")).isInstanceOf(RestoreOutcome.Restored.class);
        database.execute("update users set gone_at = now() - interval '3 days' where id = 'a'");

        assertThat(restore("a")).isInstanceOf(RestoreOutcome.Restored.class);
    }

    @Test
    void whenItHasGoneNothingIsNotedOfIt() throws Exception {
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_partly_gone"))
                .isEqualTo(1);
        database.execute("update caretaker.cleanup_switch set stopped = false");

        new TestWorker(database, policy("P30D").settings()).goOn();

        assertThat(texts("select id from users")).containsExactly("c");
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_partly_gone"))
                .isZero();
    }
}
