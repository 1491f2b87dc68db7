package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.outbox.MailGateway.Fault;
import io.pgcaretaker.outbox.MailGateway.Outcome;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipt.State;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A notice's mail, and what keeps it from its reader: crashes, outages, addresses that are none. */
class NoticeMailDbTest extends UsersToTell {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    NoticeMailDbTest() {
        super(DATABASE);
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

    /** A process signed by the key that it had read first, for ever: links that its own page, made later, refused. */
    @Test
    void whenTheKeyOfLinksIsChangedMailsHaveLinksThatWork() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.tick();
        database.execute("update caretaker.deletion_notice_key set key = uuid_send(gen_random_uuid());"
                + " update caretaker.deletion_notice set state = 'waiting', edition = edition + 1, email_id = null,"
                + " accepted_at = null, next_attempt_at = clock_timestamp()");

        notices.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        notices.tick();

        RestoreToken page = new LinkKey(worker.transactions, System::nanoTime).tokens();
        assertThat(notices.handedOver).hasSize(6);
        assertThat(notices.handedOver.subList(3, 6))
                .allMatch(mail -> page.read(TestNotices.token(mail)).isPresent());
        assertThat(notices.handedOver.subList(0, 3))
                .allMatch(mail -> page.read(TestNotices.token(mail)).isEmpty());
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
        assertThat(new NoticesResource(worker.policies, worker.transactions)
                        .undeliverable(USERS, 0, 2)
                        .notices())
                .as("who sees to it has to know whose")
                .hasSize(2)
                .allSatisfy(notice -> assertThat(notice.key() + " " + notice.reason() + " " + notice.state() + " "
                                + (notice.goesAt() != null))
                        .matches("\\[\"[123]\"] " + reason
                                + (then.equals("hold") ? " held false" : " undeliverable true")));
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
            changed.approve(changed.runNow(USERS), 10);
            assertThat(users()).as("the policy has changed its mind").isEqualTo("3 4 5");
        }
    }

    @Test
    void anAddressThatIsNoneIsUndeliverable() throws Exception {
        database.execute("update users set email = case id when 1 then null when 2 then ' ' else email end");
        TestNotices notices = new TestNotices(worker(Map.of()));
        notices.answer = new Outcome.Rejected(422, "the recipient's address cannot be one", Fault.ADDRESS);

        notices.tick();

        assertThat(texts("select reason || count(*) from caretaker.deletion_notice group by reason"))
                .containsExactly("bad-address1", "no-address2");
    }

    /** To email-service such an address was none: its user was never told, and stayed for ever. */
    @Test
    void whatIsAroundAnAddressIsNotPartOfIt() throws Exception {
        database.execute(
                "update users set email = case id"
                        + " when 1 then U&'\\00A0ann@example.com\\200B' when 2 then E'bob@example.com\\r\\n' when 3 then U&'\\00A0\\0009' end");
        TestNotices notices = new TestNotices(worker(Map.of()));

        notices.tick();

        assertThat(notices.handedOver)
                .extracting(mail -> mail.to().get(0))
                .containsExactlyInAnyOrder("ann@example.com", "bob@example.com");
        assertThat(texts("select reason from caretaker.deletion_notice where reason is not null"))
                .containsExactly("no-address");
    }

    private static Handler listener(List<String> said) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getLevel().intValue() < Level.INFO.intValue()) {
                    return;
                }
                said.add(line.getLevel() + " " + (line.getThrown() == null ? "" : "with its trace"));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    /** The end takes its connections away, which is no failure of a round. */
    @Test
    void aRoundThatTheEndOfTheServiceCutsShortLeavesNoTrace() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        List<String> said = new ArrayList<>();
        Logger log = Logger.getLogger(Notices.class.getName());
        Handler handler = listener(said);
        log.addHandler(handler);
        database.execute("alter table caretaker.deletion_notice add constraint shut check (false) not valid");
        try {
            notices.tickAndStop();
        } finally {
            database.execute("alter table caretaker.deletion_notice drop constraint shut");
            log.removeHandler(handler);
        }

        assertThat(said).isEmpty();
    }

    /** As on a standby, after a failover: it was a stack trace at each round. */
    @Test
    void whatFailsAtEachRoundIsToldOnce() throws Exception {
        TestNotices notices = new TestNotices(worker(Map.of()));
        List<String> said = new ArrayList<>();
        Logger log = Logger.getLogger(Notices.class.getName());
        Handler handler = listener(said);
        log.addHandler(handler);
        database.execute("alter table caretaker.deletion_notice add constraint shut check (false) not valid");
        try {
            notices.tick();
            notices.tick();
            notices.tick();
        } finally {
            database.execute("alter table caretaker.deletion_notice drop constraint shut");
        }
        notices.tick();
        log.removeHandler(handler);

        assertThat(said).hasSize(2);
        assertThat(said.get(0)).endsWith("with its trace");
        assertThat(said.get(1)).isEqualTo("INFO ");
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

    /** Its way out is shut for weeks, and email-service was told to keep trying for longer. */
    @ParameterizedTest
    @ValueSource(strings = {"queued", "delayed"})
    void aMailThatStillWaitsPurgesNobodyHoweverLong(String word) throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.tick();
        notices.receipt = new MailReceipt(State.PENDING, word);
        pass(15);

        notices.tick();

        assertThat(states()).isEqualTo("accepted 3");
        pass(7);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");
    }

    /** A day is told, and the time since a delivery counted, by a clock: by a wrong one nobody has been told long enough. */
    @Test
    void whileTheClocksAreApartNothingIsHandedOverOrSettled() throws Exception {
        TestWorker worker = worker(Map.of());
        new TestNotices(worker).tick();
        database.execute("update caretaker.deletion_notice set state = 'waiting', email_id = null where id ="
                + " (select min(id::text)::uuid from caretaker.deletion_notice)");
        TestNotices notices = new TestNotices(worker, Clock.offset(Clock.systemUTC(), Duration.ofDays(365)));
        notices.receipt = new MailReceipt(State.DELIVERED, "sent");
        untilTheNextLook();

        notices.tick();

        assertThat(states()).isEqualTo("accepted 2, waiting 1");
        assertThat(notices.taken()).isZero();
    }

    /** Both are a year ahead: no run would go by them, and whoever was told would wait for that year. */
    @Test
    void whileTheClocksHaveLeaptNobodyIsTold() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        TestNotices notices = new TestNotices(worker);
        runsWere("cutoff - interval '1 year'");
        try {
            notices.tick();
        } finally {
            runsWere("cutoff + interval '1 year'");
        }

        assertThat(notices.taken()).isZero();
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice where ended_at is null"))
                .isZero();
    }

    private void runsWere(String cutoff) {
        database.execute("update caretaker.cleanup_run set cutoff = " + cutoff);
    }

    /** As a relay that does not let our sender through: everybody would be told of nothing, and go. */
    @Test
    void aMailThatIsRefusedForAnotherReasonThanItsAddressPurgesNobody() throws Exception {
        TestWorker worker = worker(Map.of());
        TestNotices notices = new TestNotices(worker);
        notices.tick();
        notices.receipt = new MailReceipt(State.REFUSED, "failed");
        untilTheNextLook();
        notices.tick();
        assertThat(states()).isEqualTo("waiting 3");
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice"
                        + " where next_attempt_at > clock_timestamp() + interval '50 minutes'"))
                .as("the same again would be refused again")
                .isEqualTo(3);
        pass(30);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("1 2 3 4 5");

        notices.tick();
        deliver(notices);

        assertThat(notices.taken()).as("another mail each").isEqualTo(6);
        worker.runNow(USERS);
        assertThat(users()).as("the day in it is to come").isEqualTo("1 2 3 4 5");
        pass(8);
        worker.runNow(USERS);
        assertThat(users()).isEqualTo("3 4 5");
    }

    /** As somebody may give it to themselves; email-service refuses it, and they would be neither told nor purged. */
    @Test
    void aNameThatIsLongIsCut() throws Exception {
        database.execute("update users set username = repeat('é', 600000) where id = 3");
        TestNotices notices = new TestNotices(worker(Map.of()));

        notices.tick();

        assertThat(notices.handedOver)
                .filteredOn(mail -> mail.to().equals(List.of("user3@example.com")))
                .singleElement()
                .satisfies(mail -> assertThat(mail.variables()).containsEntry("name", "é".repeat(200)));
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
}
