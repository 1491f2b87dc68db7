package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.notice.TestNotices;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailOutbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HistoryScheduleDbTest extends CleanupDbTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    private HistorySchedule schedule(Map<String, String> settings) {
        TestWorker worker = new TestWorker(database, settings);
        return new HistorySchedule(
                new MailOutbox(
                        MailOutbox.Owner.CLEANUP,
                        database.source(),
                        intent -> new MailGateway.Outcome.Unavailable("no mail in this test"),
                        new ObjectMapper()),
                worker.transactions,
                worker.preflight(),
                worker.settings(),
                clock(),
                worker.policies);
    }

    private Clock clock() {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }

    private static Map<String, String> telling(String setting, String value) {
        return Map.of(
                "user-notice-days",
                "7",
                "public-url",
                "https://app.example.com",
                "policies.\"soft-deleted-users\".max-fraction",
                "1",
                setting,
                value);
    }

    private void tellOneUser() {
        database.execute("create table users (id text primary key, email text, username text,"
                + " is_deleted boolean not null default false, deleted_at timestamp)");
        database.execute("create index on users (deleted_at, id) where is_deleted");
        database.execute("insert into users values ('a', 'a@example.com', 'A', true, now() - interval '40 days')");
        new TestNotices(new TestWorker(database, telling("policies.\"soft-deleted-users\".nice", "1"))).tick();
    }

    /** As where a service started once without USER_NOTICE_DAYS: each had a link that led nowhere, and was told anew. */
    @Test
    void noticesOutliveAStartWithoutThem() throws Exception {
        tellOneUser();
        HistorySchedule without = schedule(Map.of());

        without.tidy();

        assertThat(texts("select state from caretaker.deletion_notice")).containsExactly("accepted");
        now.updateAndGet(start -> start.plus(Duration.ofHours(1)));
        without.tidy();
        assertThat(texts("select state || coalesce(subject_key, '') from caretaker.deletion_notice"))
                .containsExactly("withdrawn");
    }

    /** Nobody looks at them any more: whose they were was kept for ever. */
    @Test
    void noticesOfATableThatThePolicyIsNotAboutAnyMoreEnd() throws Exception {
        tellOneUser();
        database.execute("alter table users rename to people");
        HistorySchedule renamed = schedule(telling("policies.\"soft-deleted-users\".table", "people"));
        HistorySchedule before = schedule(telling("policies.\"soft-deleted-users\".table", "users"));
        now.updateAndGet(start -> start.plus(Duration.ofHours(1)));

        before.tidy();

        assertThat(texts("select state from caretaker.deletion_notice"))
                .as("one that does not know the table says nothing about it")
                .containsExactly("accepted");
        renamed.tidy();
        assertThat(texts("select state || coalesce(subject_key, '') from caretaker.deletion_notice"))
                .containsExactly("withdrawn");
    }

    @Test
    void noticesOfThePolicysTableStay() throws Exception {
        tellOneUser();
        HistorySchedule telling = schedule(telling("policies.\"soft-deleted-users\".nice", "1"));
        now.updateAndGet(start -> start.plus(Duration.ofHours(1)));

        telling.tidy();

        assertThat(texts("select state from caretaker.deletion_notice")).containsExactly("accepted");
    }
}
