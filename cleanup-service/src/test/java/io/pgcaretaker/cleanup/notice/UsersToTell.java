package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipt.State;
import io.pgcaretaker.testing.TestDatabase;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Five users, a policy that gives them 30 days of retention and 7 days of notice, and time that passes at once. */
abstract class UsersToTell extends CleanupDbTest {

    static final String USERS = Policies.USERS;

    /** A class's own, for all of its tests: making it takes longer than one of them. */
    UsersToTell(TestDatabase database) {
        super(database);
    }

    /** 1, 2: overdue. 3: in its notice's time. 4: before it. 5: lives. */
    @BeforeEach
    void makeUsers() {
        database.execute("drop table if exists users cascade; truncate caretaker.deletion_notice, caretaker.legal_hold;"
                + " update caretaker.cleanup_switch set stopped = false;"
                // What another test's runs applied is nothing that this one's make looser.
                + " update caretaker.cleanup_run set retention = null, filter = null, terms = null");
        database.execute("create table users (id bigint primary key, email text, username text,"
                + " is_deleted boolean not null default false, deleted_at timestamp)");
        database.execute("insert into users select n, 'user' || n || '@example.com', 'User ' || n, n < 5,"
                + " case when n < 5 then (now() at time zone 'UTC')"
                + "   - (array[60, 31, 25, 20])[n] * interval '1 day' end"
                + " from generate_series(1, 5) as n");
        database.execute("create index on users (deleted_at, id) where is_deleted; analyze users");
    }

    TestWorker worker(Map<String, String> changes) {
        return new TestWorker(database, settings(changes));
    }

    static Map<String, String> settings(Map<String, String> changes) {
        Map<String, String> settings = new HashMap<>();
        settings.put("user-notice-days", "7");
        settings.put("public-url", "https://app.example.com");
        settings.put("policies.\"soft-deleted-users\".max-fraction", "1");
        settings.putAll(changes);
        return settings;
    }

    String users() throws Exception {
        return String.join(" ", texts("select id from users"));
    }

    /** {@code state n} of each state there is. */
    String states() throws Exception {
        return String.join(
                ", ", texts("select state || ' ' || count(*) from caretaker.deletion_notice group by state"));
    }

    /** So many days later, for the notices. */
    void pass(int days) {
        database.execute(
                "update caretaker.deletion_notice set next_attempt_at = next_attempt_at - x, due_at = due_at - x,"
                        + " purge_at = purge_at - x, accepted_at = accepted_at - x from (select interval '1 day' * "
                        + days
                        + " as x) as passed");
    }

    void untilTheNextLook() {
        database.execute("update caretaker.deletion_notice set next_attempt_at = clock_timestamp()");
    }

    void deliver(TestNotices notices) {
        notices.receipt = new MailReceipt(State.DELIVERED, "sent");
        untilTheNextLook();
        notices.tick();
    }
}
