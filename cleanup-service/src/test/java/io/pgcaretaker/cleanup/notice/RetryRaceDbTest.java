package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipt.State;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who could not be told is told again at the very moment at which their row goes: one of the two, and not both. */
class RetryRaceDbTest extends UsersToTell {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    private final AtomicBoolean retried = new AtomicBoolean();
    private CompletableFuture<Integer> answer = CompletableFuture.completedFuture(-1);

    RetryRaceDbTest() {
        super(DATABASE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "caretaker.cleanup.canary-expired",
                "caretaker.cleanup.notice-lock",
                "caretaker.cleanup.delete-dependent",
                "caretaker.cleanup.delete */",
                "caretaker.cleanup.notice-purged"
            })
    void whoIsToldAgainStaysAndWhoGoesIsNotSaidToBeToldAgain(String moment) throws Exception {
        database.execute("drop table if exists files; create table files (id bigint primary key,"
                + " owner bigint references users on delete cascade); create index on files (owner);"
                + " insert into files select id, id from users; analyze files");
        TestWorker operator = worker(Map.of());
        TestNotices notices = new TestNotices(operator);
        notices.tick();
        pass(15);
        notices.receipt = new MailReceipt(State.UNDELIVERABLE, "bounced");
        notices.tick();
        pass(8);
        TestWorker purging = new TestWorker(
                InterceptedSessions.beforeStatement(
                        database.source(), moment, (session, method, sql) -> retryOnce(operator)),
                settings(Map.of()),
                Clock.systemUTC());

        UUID run = purging.runNow(USERS);

        assertThat(retried).as("the moment was met").isTrue();
        int sentAgain = answer.get();
        assertThat(run(run, "state || coalesce(' ' || stop_detail, '')")).startsWith("completed");
        assertThat(database.queryLong(
                        "select count(*) from caretaker.deletion_notice where state = 'waiting' and ended_at is null"))
                .as("sent again")
                .isEqualTo(sentAgain);
        assertThat(database.queryLong("select count(*) from users where is_deleted and id < 4"))
                .as("and their rows are there")
                .isEqualTo(sentAgain);
        assertThat(database.queryLong("select count(*) from files f join users u on u.id = f.owner and u.id < 4"))
                .as("with what they have")
                .isEqualTo(sentAgain);
    }

    /** Done, or it waits for the batch that has the notice. */
    private void retryOnce(TestWorker operator) {
        if (retried.compareAndSet(false, true)) {
            answer = CompletableFuture.supplyAsync(
                    () -> operator.transactions.run("test", session -> new NoticeRepository().retry(session, USERS)));
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> answer.isDone()
                            || database.queryLong("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                            + " and datname = current_database() and query like '%notice-retry%'")
                                    > 0);
        }
    }
}
