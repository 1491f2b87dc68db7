package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody is purged who was not told: 30 days of retention, 7 days of notice. */
class NoticeDbTest extends UsersToTell {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    NoticeDbTest() {
        super(DATABASE);
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
        assertThat(texts("select n::text from caretaker.deletion_notice n union all"
                                + " select m::text from caretaker.cleanup_mail_intent m")
                        .toString())
                .doesNotContain("@example.com")
                .doesNotContain("User")
                .doesNotContain(TestNotices.token(mail));
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
        hold(USERS, "users", "[\"1\"]");
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

    /** The next ones were claimed together with the one that is under way. */
    @Test
    void soItDoesAmidTheirHandOver() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.meanwhile = () -> database.execute("update caretaker.cleanup_switch set stopped = true");

        notices.tick();

        assertThat(notices.handedOver).hasSize(1);
        assertThat(states()).isEqualTo("accepted 1, waiting 2");
    }

    /** 20 days may be a slip for 30: the run waits for somebody's yes, and so do the mails. */
    @Test
    void nobodyIsToldOfAShorterRetentionThatNobodyHasConfirmed() throws Exception {
        worker(Map.of()).runNow(USERS);
        TestNotices notices = new TestNotices(worker(Map.of("user-retention-days", "20")));

        notices.tick();
        assertThat(states()).isEmpty();

        database.execute("update caretaker.cleanup_run set retention = 'P20D'");
        notices.tick();
        assertThat(states()).as("as a run that was approved leaves it").isEqualTo("accepted 4");
    }

    /** As of a deployment that has lost {@code USER_NOTICE_DAYS}. */
    @Test
    void nobodyGoesUntoldWhereThePolicyToldBeforeUntilSomebodyHasConfirmedIt() throws Exception {
        worker(Map.of()).runNow(USERS);

        UUID id = new TestWorker(database, Map.of("policies.\"soft-deleted-users\".max-fraction", "1")).runNow(USERS);

        assertThat(run(id, "state || ' ' || stop_reason || ' ' || stop_detail"))
                .startsWith("needs-approval terms-loosened nobody is told before a row goes, and somebody was, 2 rows");
        assertThat(users()).isEqualTo("1 2 3 4 5");
    }

    /** What is in one policy's way is none of the others'. */
    @Test
    void aPolicyWhoseNoticesFailKeepsNoOtherFromTelling() throws Exception {
        database.execute("drop table if exists members; create table members (id bigint primary key, email text,"
                + " deleted_at timestamptz); create index on members (deleted_at, id);"
                + " insert into members values (1, 'member@example.com', now() - interval '40 days')");
        database.execute("insert into caretaker.deletion_notice"
                + " (policy, subject_table, subject_key, subject_age, purge_at, state)"
                + " values ('soft-deleted-users', '\"public\".\"users\"', '[\"no number\"]', 1, now(), 'delivered')");
        TestNotices notices = new TestNotices(worker(TestPolicy.of("members", "members", "P30D")
                .age("deleted_at")
                .with("restore", "[ { column: deleted_at, to: null } ]")
                .with("notice", "{ before: P7D, email-column: email }")
                .settings()));

        notices.tick();

        assertThat(notices.handedOver).extracting(MailIntent::to).contains(List.of("member@example.com"));
    }

    /** More than fit into one transaction, and most of them deleted at one moment, as by somebody's script. */
    @Test
    void everybodyIsToldHoweverManyTheyAreAndOnce() throws Exception {
        database.execute("insert into users select n, 'user' || n || '@example.com', 'User ' || n, true,"
                + " now() at time zone 'UTC' - case when n % 5 = 0 then n else 1 end * interval '1 second' - interval '25 days'"
                + " from generate_series(10, 2509) as n");
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.answer = new MailGateway.Outcome.Unavailable("away");

        notices.tick();
        notices.tick();

        assertThat(states()).isEqualTo("waiting 2503");
        assertThat(database.queryLong("select count(distinct subject_key) from caretaker.deletion_notice"))
                .isEqualTo(2503);
        database.execute("update users set is_deleted = false where id % 2 = 0");
        notices.tick();
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice where ended_at is not null"))
                .as("2, and each other one of the many")
                .isEqualTo(1251);
        assertThat(states()).isEqualTo("waiting 1252, withdrawn 1251");
    }

    /** Several are claimed together; what became of the first says when that one is tried again. */
    @Test
    void whoWasNotTriedDoesNotWaitForTheOneThatFailed() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.answer = new MailGateway.Outcome.Unavailable("away");
        notices.tick();
        assertThat(notices.handedOver).hasSize(1);

        notices.answer = new MailGateway.Outcome.Accepted("");
        notices.tick();

        assertThat(notices.taken()).as("the two others").isGreaterThanOrEqualTo(2);
    }

    /** USER_NOTICE_DAYS is taken away: whose the open notices are must not be kept when the users have gone. */
    @Test
    void whenAPolicyTellsNobodyAnyMoreItsNoticesEnd() throws Exception {
        TestWorker worker = worker(Map.of());
        new TestNotices(worker).tick();

        assertThat(end(worker, List.of(USERS))).isZero();
        assertThat(end(worker, List.of("others"))).isEqualTo(3);

        assertThat(texts("select state || coalesce(subject_key, '') from caretaker.deletion_notice"))
                .containsExactly("withdrawn");
    }

    private static int end(TestWorker worker, List<String> telling) {
        return worker.transactions.run("test", session -> new NoticeRepository().endOfOthers(session, telling));
    }
}
