package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.notice.LinkKey;
import io.pgcaretaker.cleanup.notice.RestoreToken;
import io.pgcaretaker.cleanup.notice.TestNotices;
import io.pgcaretaker.testing.FreePort;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The link in a deletion notice. */
class RestoreLinkDbTest extends CleanupDbTest {

    private TestWorker worker;
    private TestNotices notices;
    private RestoreLinkResource links;

    @BeforeEach
    void tellOneUser() {
        database.execute("create table users (id text primary key, email text, username text,"
                + " is_deleted boolean not null default false, deleted_at timestamp)");
        database.execute("create unique index on users (email) where not is_deleted");
        database.execute("create index on users (deleted_at, id) where is_deleted");
        database.execute("insert into users values ('a', 'a@example.com', 'A', true, now() - interval '40 days')");
        worker = new TestWorker(
                database,
                Map.of(
                        "user-notice-days",
                        "7",
                        "public-url",
                        "https://app.example.com",
                        "policies.\"soft-deleted-users\".max-fraction",
                        "1"));
        notices = new TestNotices(worker);
        notices.tick();
        links = new RestoreLinkResource(worker.policies, notices.preflight, worker.transactions);
    }

    private String token() {
        return TestNotices.token(notices.handedOver.get(notices.handedOver.size() - 1));
    }

    private boolean lives() {
        return database.queryLong("select count(*) from users where id = 'a' and not is_deleted and deleted_at is null")
                == 1;
    }

    private static void assertSame(Response one, Response other) {
        assertThat(one.getStatus()).isEqualTo(other.getStatus());
        assertThat(one.getEntity()).isEqualTo(other.getEntity());
        assertThat(one.getStringHeaders()).isEqualTo(other.getStringHeaders());
    }

    @Test
    void aLookChangesNothingAndTheButtonRestoresOnce() throws Exception {
        Response page = links.page(token());
        assertThat(page.getStatus()).isEqualTo(200);
        assertThat(page.getEntity().toString()).contains("method=\"post\"").doesNotContain(token());
        assertThat(page.getHeaderString("Cache-Control")).isEqualTo("no-store");
        assertThat(lives()).isFalse();

        assertThat(links.restore(token()).getStatus()).isEqualTo(200);

        assertThat(lives())
                .as("although the retention is over: the notice's time is not")
                .isTrue();
        assertThat(texts("select state || coalesce(subject_key, '') from caretaker.deletion_notice"))
                .containsExactly("restored");
        Response unknown = links.restore("x");
        assertThat(unknown.getStatus()).isEqualTo(404);
        for (Response again : List.of(links.restore(token()), links.page(token()))) {
            assertThat(again.getStatus()).as("a double click").isEqualTo(200);
            assertThat(again.getEntity().toString())
                    .contains("account came back")
                    .doesNotContain("method=\"post\"");
        }
    }

    @Test
    void ofTwoClicksAtOnceNeitherIsToldThatTheLinkDoesNotWork() throws Exception {
        String token = token();
        CompletableFuture<Response> second;
        try (OpenTransaction first = OpenTransaction.begin(
                database,
                "update users set is_deleted = false, deleted_at = null;"
                        + " update caretaker.deletion_notice set state = 'restored', subject_key = null,"
                        + " subject_age = null, ended_at = now()")) {
            second = CompletableFuture.supplyAsync(() -> links.restore(token));
            awaitLockWait();
            first.commit();
        }

        assertThat(second.get().getEntity().toString()).contains("account came back");
    }

    /** As while a standby takes over: whoever is told that it cannot come back lets the account go. */
    @Test
    void whereTheDatabaseTakesNoWritesTheyAreToldToComeAgain() {
        RestoreLinkResource onStandby = new RestoreLinkResource(
                worker.policies,
                notices.preflight,
                new Transactions(InterceptedSessions.readOnlyFrom(database.source(), "caretaker.cleanup.restore")));

        Response answer = onStandby.restore(token());

        assertThat(answer.getStatus()).isEqualTo(503);
        assertThat(answer.getEntity().toString()).contains("try again", "Your link stays as it is");
        assertThat(links.restore(token()).getStatus()).isEqualTo(200);
    }

    @Test
    void aWrongAForeignAndAnOldTokenGetTheSameAnswer() {
        String token = token();
        String forged = (token.charAt(0) == 'A' ? 'B' : 'A') + token.substring(1);
        Response unknown = links.page("00000000-0000-0000-0000-000000000000");

        assertSame(links.page(forged), unknown);
        assertSame(links.restore(forged), unknown);
        assertSame(links.restore(token.substring(0, 40)), unknown);
        assertSame(links.restore(token + "="), unknown);
        database.execute("update caretaker.deletion_notice set due_at = now() - interval '1 minute',"
                + " purge_at = now() - interval '1 minute'");
        assertSame(links.restore(token), unknown);
        worker.runNow("soft-deleted-users");
        assertThat(database.queryLong("select count(*) from users")).isZero();
        assertSame(links.page(token), unknown);
        assertSame(links.restore(token), unknown);
    }

    /** They were told that the link's time is over, and might have let their account go. */
    @ParameterizedTest
    @ValueSource(strings = {".", ">", ">.", ")", ",", "\"", "'", "\u201d", " ", "\u00a0", "]", "..."})
    void whatAMailProgramTakesForAPartOfTheLinkIsNone(String behind) {
        assertThat(links.page(token() + behind).getStatus()).isEqualTo(200);
        assertThat(lives()).isFalse();

        assertThat(links.restore(token() + behind).getStatus()).isEqualTo(200);

        assertThat(lives()).isTrue();
    }

    /** Restored, and deleted again: the link of the first time is worth nothing. */
    @Test
    void anotherDeletionHasAnotherLink() {
        String first = token();
        database.execute("update users set deleted_at = deleted_at - interval '1 day'");
        assertThat(links.restore(first).getStatus()).isEqualTo(404);
        assertThat(lives()).isFalse();

        notices.tick();

        assertThat(token()).isNotEqualTo(first);
        assertThat(links.page(first).getStatus()).isEqualTo(404);
        assertThat(links.restore(token()).getStatus()).isEqualTo(200);
        assertThat(lives()).isTrue();
    }

    /** As by the application's own way back, before the notice was ended. */
    @Test
    void whoCameBackAnotherWayIsNotToldThatTheirAccountIsClosed() {
        String token = token();
        database.execute("update users set is_deleted = false, deleted_at = null");

        for (Response answer : List.of(links.page(token), links.restore(token))) {
            assertThat(answer.getStatus()).isEqualTo(200);
            assertThat(answer.getEntity().toString())
                    .contains("not waiting to be deleted")
                    .doesNotContain("method=\"post\"");
        }
    }

    @Test
    void nobodyIsOfferedAWayBackThatIsNone() {
        String token = token();
        database.execute("update users set deleted_at = deleted_at - interval '1 day'");
        assertSame(links.page(token), links.page("x"));

        database.execute("delete from users");
        assertSame(links.page(token), links.page("x"));
    }

    @Test
    void whoseAddressIsTakenIsToldSoAndKeepsTheLink() {
        database.execute("insert into users values ('b', 'a@example.com', 'B', false, null)");

        assertThat(links.restore(token()).getStatus()).isEqualTo(409);

        database.execute("delete from users where id = 'b'");
        assertThat(links.restore(token()).getStatus()).isEqualTo(200);
    }

    @Test
    void guessesAreSlowedDownAndKeepNobodyElseOut() {
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            refused += links.page("x").getStatus() == 429 ? 1 : 0;
        }

        assertThat(refused).isPositive();
        assertThat(links.page(token()).getStatus()).isEqualTo(200);
    }

    /** A browser shows a problem's JSON as it is. */
    @Test
    void whoeverHasALinkKeepsNobodyElseOutByIt() {
        database.execute("insert into users values ('b', 'b@example.com', 'B', true, now() - interval '40 days')");
        String first = token();
        notices.tick();
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            refused += links.page(first).getStatus() == 429 ? 1 : 0;
        }

        assertThat(refused).isPositive();
        assertThat(token()).isNotEqualTo(first);
        assertThat(links.page(token()).getStatus()).isEqualTo(200);
    }

    @Test
    void whileTheDatabaseIsAwayAPageSaysSo() throws Exception {
        PGSimpleDataSource nobody = new PGSimpleDataSource();
        nobody.setURL("jdbc:postgresql://127.0.0.1:" + FreePort.find() + "/nobody");
        RestoreLinkResource away =
                new RestoreLinkResource(worker.policies, notices.preflight, new Transactions(nobody));

        for (Response page : List.of(away.page(token()), away.restore(token()))) {
            assertThat(page.getStatus()).isEqualTo(503);
            assertThat(page.getMediaType().toString()).startsWith("text/html");
            assertThat(page.getEntity().toString()).contains("try again");
        }
    }

    /** Each waited for those before it, and junk was enough to hold up all that the service is asked. */
    @Test
    void whileTheKeyOfLinksCannotBeReadTheOneThatIsKnownServes() throws Exception {
        AtomicLong nanos = new AtomicLong();
        LinkKey keys = new LinkKey(worker.transactions, nanos::get);
        RestoreToken known = keys.tokens();
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        try (OpenTransaction owner = OpenTransaction.begin(database, "lock table caretaker.deletion_notice_key")) {
            CompletableFuture<RestoreToken> first = CompletableFuture.supplyAsync(keys::tokens);
            awaitLockWait();

            assertThat(keys.tokens()).isSameAs(known);

            owner.rollback();
            first.exceptionally(failure -> known).join();
        }
    }
}
