package io.pgcaretaker.email;

import static io.pgcaretaker.email.Api.as;
import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.post;
import static io.pgcaretaker.email.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A database that is full for a while, and a mail to as many as a mail may have. */
@ServiceTest(ScriptedNeighbours.class)
class OutageIT {

    ScriptedSmtp server;
    TestDatabase database;

    @AfterEach
    void heal() {
        server.follow((step, recipient) -> Action.OK);
        database.execute("drop function if exists caretaker.test_disk_full cascade");
    }

    /** As PostgreSQL says it, SQLSTATE 53100, whenever this table is written. */
    private void fillTheDisk(String table) {
        database.execute("create function caretaker.test_disk_full() returns trigger language plpgsql as $$ begin"
                + " raise exception 'could not extend file: No space left on device' using errcode = '53100';"
                + " end $$;"
                + "create trigger test_disk_full before insert on caretaker." + table
                + " for each statement execute function caretaker.test_disk_full()");
    }

    @Test
    void fullDiskIsA503ThatKeepsNothingAndTheSameKeyIsTakenAfterwards() {
        fillTheDisk("email_recipient");

        for (int i = 0; i < 3; i++) {
            post("/emails", "disk-key", plain("disk@x.test"))
                    .then()
                    .statusCode(503)
                    .body("name", is("service_unavailable"));
            post("/emails", plain("disk@x.test")).then().statusCode(503);
            post("/emails/batch", List.of(plain("disk@x.test"), plain("disk@x.test")))
                    .then()
                    .statusCode(503);
        }
        assertThat(database.queryLong(
                        "select (select count(*) from caretaker.email where 'disk@x.test' = any (to_addresses))"
                                + " + (select count(*) from caretaker.email_idempotency where key = 'disk-key')"))
                .isZero();
        heal();
        String id = post("/emails", "disk-key", plain("disk@x.test")).path("id");
        awaitState(id, "sent");
    }

    @Test
    void outcomeThatCannotBeWrittenIsKeptUntilItCanAndNothingIsSentTwice() {
        CountDownLatch taken = new CountDownLatch(1);
        server.follow((step, recipient) -> {
            if (step == Step.END && recipient.startsWith("full-outcome")) {
                fillTheDisk("email_attempt");
                taken.countDown();
            }
            return Action.OK;
        });
        String id = send(plain("full-outcome@x.test"));
        await().atMost(Duration.ofSeconds(30)).until(() -> taken.getCount() == 0);
        heal();

        awaitState(id, "sent");
        as(TestKeys.VIEWER)
                .get("/api/email/attempts?emailId=" + id)
                .then()
                .body("attempts.outcome", is(List.of("sent")));
        assertThat(server.taken())
                .filteredOn(mail -> mail.recipient().equals("full-outcome@x.test"))
                .hasSize(1);
    }

    @Test
    void fiftyRecipientsAreFiftyMailsWithOneContent() {
        List<String> to =
                IntStream.range(0, 50).mapToObj(i -> "r" + i + "@fifty.test").toList();
        String id = send(Map.of("from", "a@acme.test", "to", to, "subject", "Hi", "text", "Hello"));

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get(id).<List<String>>path("recipients.state"))
                        .hasSize(50)
                        .containsOnly("sent"));
        // A set: one whose answer takes longer than this service's deadline, a second, comes again under its id.
        Set<List<String>> taken = server.taken().stream()
                .filter(mail -> mail.recipient().endsWith("@fifty.test"))
                .map(mail -> List.of(mail.recipient(), mail.messageId()))
                .collect(Collectors.toSet());
        assertThat(taken).hasSize(50).extracting(mail -> mail.get(1)).doesNotHaveDuplicates();
    }
}
