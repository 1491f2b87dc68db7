package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.run.TestWorker;
import io.pgcaretaker.outbox.MailGateway.Fault;
import io.pgcaretaker.outbox.MailGateway.Outcome;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipt.State;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody is purged who was not told: 30 days of retention, 7 days of notice. */
class NoticeDbTest {

    private static final String USERS = "soft-deleted-users";

    /** One for all: making one takes longer than a test. */
    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    private final TestDatabase database = DATABASE;

    /** 1, 2: overdue. 3: in its notice's time. 4: before it. 5: lives. */
    @BeforeEach
    void makeUsers() {
        database.execute("drop table if exists users; truncate caretaker.deletion_notice, caretaker.legal_hold;"
                + " update caretaker.cleanup_switch set stopped = false");
        database.execute("create table users (id bigint primary key, email text, username text,"
                + " is_deleted boolean not null default false, deleted_at timestamp)");
        database.execute("insert into users select n, 'user' || n || '@example.com', 'User ' || n, n < 5,"
                + " case when n < 5 then (now() at time zone 'UTC')"
                + "   - (array[60, 31, 25, 20])[n] * interval '1 day' end"
                + " from generate_series(1, 5) as n");
        database.execute("create index on users (deleted_at, id) where is_deleted; analyze users");
    }

    private TestWorker worker(Map<String, String> changes) {
        Map<String, String> settings = new HashMap<>();
        settings.put("user-notice-days", "7");
        settings.put("public-url", "https://app.example.com");
        settings.put("policies.\"soft-deleted-users\".max-fraction", "1");
        settings.putAll(changes);
        return new TestWorker(database, settings);
    }

    private String users() throws Exception {
        return String.join(" ", SampleRows.texts(database, "select id from users"));
    }

    /** {@code state n} of each state there is. */
    private String states() throws Exception {
        return String.join(
                ", ",
                SampleRows.texts(
                        database, "select state || ' ' || count(*) from caretaker.deletion_notice group by state"));
    }

    /** So many days later, for the notices. */
    private void pass(int days) {
        database.execute(
                "update caretaker.deletion_notice set next_attempt_at = next_attempt_at - x, due_at = due_at - x,"
                        + " purge_at = purge_at - x, accepted_at = accepted_at - x from (select interval '1 day' * "
                        + days
                        + " as x) as passed");
    }

    private void untilTheNextLook() {
        database.execute("update caretaker.deletion_notice set next_attempt_at = clock_timestamp()");
    }

    private void deliver(TestNotices notices) {
        notices.receipt = new MailReceipt(State.DELIVERED, "sent");
        untilTheNextLook();
        notices.tick();
    }

    @Test
    void aRowGoesOnlyWhenItsNoticeWasDeliveredAndItsTimeIsOver() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);

        worker.runNow(USERS);
        assertThat(users()).as("nobody is told yet").isEqualTo("1 2 3 4 5");
        notices.tick();
        assertThat(states()).isEqualTo("accepted 3");
        pass(8);
        worker.runNow(USERS);
        assertThat(users()).as("it was not delivered yet").isEqualTo("1 2 3 4 5");
        deliver(notices);
        worker.runNow(USERS);
        assertThat(users()).as("it was delivered just now").isEqualTo("1 2 3 4 5");
        pass(6);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");
        pass(1);
        worker.runNow(USERS);

        assertThat(users()).as("3 is told, and not old enough yet").isEqualTo("3 4 5");
        assertThat(states()).isEqualTo("delivered 1, purged 2");
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice n"
                        + " join caretaker.cleanup_run r on r.id = n.run_id"
                        + " where n.subject_key is null and n.subject_age is null and r.rows_deleted = 2"))
                .as("the evidence names nobody")
                .isEqualTo(2);
        assertThat(notices.taken()).isEqualTo(3);
    }

    @Test
    void theMailSaysWhoWhenAndHowBackAndNothingOfItIsKept() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));

        notices.tick();

        MailIntent mail = notices.handedOver.stream()
                .filter(one -> one.to().equals(List.of("user3@example.com")))
                .findFirst()
                .orElseThrow();
        assertThat(mail.template()).isEqualTo("deletion-notice");
        assertThat(mail.variables()).containsEntry("name", "User 3");
        Instant deletedAt = Instant.parse(mail.variables().get("deletedAt").toString());
        assertThat(Duration.between(deletedAt, Instant.now()).toDays()).isEqualTo(25);
        assertThat(Duration.between(
                                Instant.now(),
                                Instant.parse(mail.variables().get("purgeAt").toString()))
                        .toHours())
                .as("seven days, although the retention would end in five")
                .isBetween(167L, 168L);
        assertThat(SampleRows.texts(
                                database,
                                "select n::text from caretaker.deletion_notice n union all"
                                        + " select m::text from caretaker.cleanup_mail_intent m")
                        .toString())
                .doesNotContain("@example.com")
                .doesNotContain("User")
                .doesNotContain(TestNotices.token(mail));
    }

    /** The worker dies after email-service has taken the mail, and before it has written so down. */
    @Test
    void aCrashBetweenHandOverAndItsRecordMakesNoSecondMail() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.tick();
        database.execute("update caretaker.deletion_notice set state = 'waiting', email_id = null, accepted_at = null,"
                + " next_attempt_at = clock_timestamp() + interval '1 minute'");

        notices.tick();
        assertThat(notices.handedOver).as("the lease of who died still runs").hasSize(3);
        untilTheNextLook();
        notices.tick();

        assertThat(notices.handedOver).hasSize(6);
        assertThat(notices.taken()).as("the same key and the same content").isEqualTo(3);
        assertThat(states()).isEqualTo("accepted 3");
    }

    @Test
    void replicasGiveOneNoticeOfEach() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        database.execute("insert into users select n, n || '@example.com', 'x', true, now() - interval '40 days'"
                + " from generate_series(100, 139) as n");
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (Future<?> replica : List.of(
                    threads.submit(notices::tick), threads.submit(notices::tick), threads.submit(notices::tick))) {
                replica.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(notices.handedOver).hasSize(43).extracting(MailIntent::key).doesNotHaveDuplicates();
        assertThat(states()).isEqualTo("accepted 43");
    }

    /** E-mail is away for days: nobody goes, nobody is told twice, and the day in the mail is one to come. */
    @Test
    void withoutEmailServiceNobodyIsPurged() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.answer = new Outcome.Unavailable("away");
        notices.tick();
        pass(20);
        notices.tick();
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");

        notices.answer = new Outcome.Accepted("");
        untilTheNextLook();
        notices.tick();

        assertThat(notices.taken()).isEqualTo(3);
        MailIntent last = notices.handedOver.get(notices.handedOver.size() - 1);
        assertThat(Instant.parse(last.variables().get("purgeAt").toString()))
                .isAfter(Instant.now().plus(Duration.ofDays(6)));
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");
    }

    @ParameterizedTest
    @CsvSource({"purge, UNDELIVERABLE, suppressed", "purge, PENDING, unknown", "hold, UNDELIVERABLE, failed"})
    void whoCannotBeToldGoesAfterTheSameTimeOrIsHeld(String then, State state, String reason) throws Exception {
        TestWorker worker = worker(Map.of("user-notice-undeliverable", then));
        TestNotices notices = new TestNotices(worker);
        notices.tick();
        pass(15);
        notices.receipt = new MailReceipt(state, reason);
        notices.tick();
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice where reason = '" + reason + "'"))
                .isEqualTo(3);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");
        pass(7);
        worker.runNow(USERS);

        assertThat(users()).isEqualTo(then.equals("purge") ? "3 4 5" : "1 2 3 4 5");
        if (then.equals("hold")) {
            // An operator mends the addresses and tells them again.
            worker.transactions.run("test", session -> new NoticeRepository().retry(session, USERS));
            notices.tick();
            assertThat(states()).isEqualTo("accepted 3");
            assertThat(notices.taken()).isEqualTo(6);
            untilTheNextLook();
            notices.tick();
            TestWorker changed = worker(Map.of());
            new TestNotices(changed).tick();
            pass(7);
            changed.runNow(USERS);
            assertThat(users()).as("the policy has changed its mind").isEqualTo("3 4 5");
        }
    }

    /** Found undeliverable while the policy let them go: an operator who sees how many there are holds them. */
    @Test
    void whoCouldNotBeToldStaysAsSoonAsThePolicyHolds() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.tick();
        notices.receipt = new MailReceipt(State.UNDELIVERABLE, "failed");
        untilTheNextLook();
        notices.tick();
        pass(8);

        TestWorker changed = worker(Map.of("user-notice-undeliverable", "hold"));
        changed.runNow(USERS);

        assertThat(users()).isEqualTo("1 2 3 4 5");
        new TestNotices(changed).tick();
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice"
                        + " where state = 'undeliverable' and due_at is null"))
                .as("held, as the counts say it")
                .isEqualTo(3);
    }

    @Test
    void anAddressThatIsNoneIsUndeliverable() throws Exception {
        database.execute("update users set email = case id when 1 then null when 2 then ' ' else email end");
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.answer = new Outcome.Rejected(422, "the recipient's address cannot be one", Fault.ADDRESS);

        notices.tick();

        assertThat(SampleRows.texts(
                        database, "select reason || count(*) from caretaker.deletion_notice group by reason"))
                .containsExactly("bad-address1", "no-address2");
    }

    @Test
    void aRefusalThatIsNotTheAddresssFaultPurgesNobody() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.answer = new Outcome.Rejected(422, "restoreUrl must lead to the application");
        notices.tick();
        pass(30);
        notices.tick();
        pass(30);
        worker.runNow(USERS);

        assertThat(users()).isEqualTo("1 2 3 4 5");
        assertThat(states()).isEqualTo("waiting 3");
    }

    /** The way out was shut until the mail's time was over, or nobody knows the mail any more. */
    @ParameterizedTest
    @CsvSource({"UNTRIED", "MISSING"})
    void aMailThatNobodyTriedToDeliverIsWrittenAnew(State state) throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.tick();
        pass(6);
        notices.receipt = new MailReceipt(state, "expired");
        notices.tick();
        untilTheNextLook();
        notices.tick();

        assertThat(notices.taken()).isEqualTo(6);
        assertThat(states()).isEqualTo("accepted 3");
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice where edition = 2"
                        + " and purge_at > clock_timestamp() + interval '6 days'"))
                .isEqualTo(3);
    }

    @Test
    void whoLivesAgainIsToldAnewWhenDeletedAgain() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.tick();
        deliver(notices);
        // The application restores without us; 2 is deleted again and grows old with the notice of the first time
        // there.
        database.execute("update users set is_deleted = false where id = 1;"
                + " update users set deleted_at = deleted_at - interval '1 hour' where id = 2");
        pass(8);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");

        notices.tick();

        assertThat(states()).isEqualTo("accepted 1, delivered 1, withdrawn 2");
        assertThat(notices.handedOver).extracting(MailIntent::key).doesNotHaveDuplicates();
        assertThat(notices.handedOver.get(3).to()).containsExactly("user2@example.com");
    }

    @Test
    void whoIsHeldIsNotToldThatTheyGo() throws Exception {
        database.execute(
                "insert into caretaker.legal_hold (case_id, policy, subject_table, subject_key, reason, placed_by)"
                        + " values ('c', 'soft-deleted-users', '\"public\".\"users\"', '[\"1\"]', 'r', 't')");
        TestNotices notices = new TestNotices(worker(Map.of()));

        notices.tick();

        assertThat(notices.handedOver).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"policies.\"soft-deleted-users\".max-fraction, 0.5", "mode, shadow"})
    void tooManyAtOnceOrAPolicyThatDeletesNothingTellNobody(String setting, String value) throws Exception {
        new TestNotices(worker(Map.of(setting, value))).tick();

        assertThat(states()).isEmpty();
    }

    @Test
    void theKillSwitchKeepsNoticesBack() throws Exception {
        database.execute("update caretaker.cleanup_switch set stopped = true");

        new TestNotices(worker(Map.of())).tick();

        assertThat(states()).isEmpty();
    }
}
