package io.pgcaretaker.email.digest;

import static io.pgcaretaker.email.Api.as;
import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.send;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A human's hour holds so many alerts; the rest comes in one mail, and nothing is left out. */
@ServiceTest(ScriptedNeighbours.class)
class DigestIT {

    ScriptedSmtp server;
    TestDatabase database;

    @AfterEach
    void heal() {
        server.follow((step, recipient) -> Action.OK);
    }

    private static String incident(String to, String summary) {
        return send(Map.of(
                "to",
                to,
                "template",
                Map.of(
                        "id",
                        "incident",
                        "variables",
                        Map.of(
                                "incidentId", "1",
                                "rule", "connections",
                                "severity", "warning",
                                "state", "firing",
                                "summary", summary,
                                "value", "85 %",
                                "threshold", "80 %",
                                "advice", "-",
                                "startedAt", "2026-03-01T12:00:00Z"))));
    }

    private void spendTheBudgetOf(String address) {
        database.execute("insert into caretaker.alert_budget (address, window_start, used) values ('" + address
                + "', now(), 20) on conflict (address) do update set used = 20, window_start = now()");
    }

    private List<String> taken(String recipient) {
        return server.taken().stream()
                .filter(mail -> mail.recipient().equals(recipient))
                .map(mail -> mail.text().replace("=\n", "").replace("\n ", ""))
                .toList();
    }

    private List<String> awaitMails(String recipient, int number) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(taken(recipient)).hasSize(number));
        return taken(recipient);
    }

    private static String header(String mail, String name) {
        return mail.lines()
                .filter(line -> line.startsWith(name + ": "))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 2);
    }

    @Test
    void budgetIsCountedAndTheFirstMailOverItIsDigested() {
        database.execute("insert into caretaker.alert_budget (address, window_start, used)"
                + " values ('count@x.test', now(), 19)");
        String last = incident("Count@x.test", "within");
        awaitState(last, "sent");
        String over = incident("count@x.test", "over");
        awaitState(over, "digested");
        String other = incident("count-other@x.test", "somebody else");
        awaitState(other, "sent");

        get(over).then().body("last_event", is("suppressed")).body("recipients[0].attempts", is(0));
        as(TestKeys.VIEWER)
                .get("/api/email/attempts?emailId=" + over)
                .then()
                .body("attempts[0].outcome", is("digested"))
                .body("attempts[0].reply", containsString("told in a digest"));
        database.execute("update caretaker.alert_budget set window_start = now() - interval '1 hour'");
        awaitState(incident("count@x.test", "next hour"), "sent");
    }

    @Test
    void whatIsOverTheBudgetComesInOneMailThatCanBeEndedByOneClickAndByNoLook() {
        spendTheBudgetOf("busy@x.test");
        for (String summary : List.of("Disk is full", "Locks pile up", "Replica lags")) {
            awaitState(incident("busy@x.test", summary), "digested");
        }
        List<String> mails = awaitMails("busy@x.test", mailsSoFar("busy@x.test"));
        assertThat(String.join("\n", mails)).contains("Disk is full", "Locks pile up", "Replica lags");
        String mail = mails.get(0);
        assertThat(header(mail, "List-Unsubscribe-Post")).isEqualTo("List-Unsubscribe=One-Click");
        String link = header(mail, "List-Unsubscribe").replaceAll("[<>]", "");
        assertThat(link)
                .startsWith("https://mail.acme.test/api/email/unsubscribe/")
                .doesNotContain("busy");
        String path = link.substring("https://mail.acme.test".length());

        given().get(path)
                .then()
                .statusCode(200)
                .contentType("text/html")
                .header("Cache-Control", "no-store")
                .body(containsString("<form method=\"post\""));
        spendTheBudgetOf("busy@x.test");
        awaitState(incident("busy@x.test", "after a look"), "digested");

        given().contentType("application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click")
                .post(path)
                .then()
                .statusCode(200);
        awaitState(incident("busy@x.test", "after the click"), "sent");

        given().contentType("application/x-www-form-urlencoded")
                .post(path + "/undo")
                .then()
                .statusCode(200);
        awaitState(incident("busy@x.test", "after second thoughts"), "digested");
        char last = path.charAt(path.length() - 5);
        String forged =
                path.substring(0, path.length() - 5) + (last == 'A' ? 'B' : 'A') + path.substring(path.length() - 4);
        given().post(forged).then().statusCode(404);
    }

    /** Digests that were decided on by now; how many depends on when the timer looked. */
    private int mailsSoFar(String address) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.digest_entry where address = '" + address + "'")
                        == 0);
        return (int) database.queryLong("select count(*) from caretaker.email e"
                + " join caretaker.email_recipient r on r.email_id = e.id"
                + " where e.kind = 'alert-digest' and r.address = '" + address + "'");
    }

    /** A digest that is decided on, and handed in by the service's next round. */
    private void decide(UUID batch, String address, String mail) {
        database.execute("insert into caretaker.digest_entry (address, email_id, subject, happened_at, batch) values ('"
                + address + "', '" + mail + "', 'Disk is full', now(), '" + batch + "')");
    }

    private long entries(UUID batch) {
        return database.queryLong("select count(*) from caretaker.digest_entry where batch = '" + batch + "'");
    }

    @Test
    void digestWhoseHandingInWasNotWrittenDownIsOneMailAllTheSame() {
        String mail = incident("crash@x.test", "x");
        awaitState(mail, "sent");
        UUID batch = UUID.randomUUID();
        decide(batch, "crash@x.test", mail);
        await().until(() -> entries(batch) == 0);

        decide(batch, "crash@x.test", mail);

        await().until(() -> entries(batch) == 0);
        assertThat(mailsSoFar("crash@x.test")).isEqualTo(1);
    }

    @Test
    void digestThatAnotherReplicaIsAtIsForgottenOnlyOnceItIsHandedIn() throws Exception {
        String mail = incident("busy-key@x.test", "x");
        awaitState(mail, "sent");
        UUID batch = UUID.randomUUID();
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("insert into caretaker.email_idempotency"
                    + " (caller, endpoint, key, request, email_ids, expires_at) values ('email-service', 'alert-digest', '"
                    + batch + "', '', '{}', now() + interval '1 day')");
            decide(batch, "busy-key@x.test", mail);

            await().until(() -> waitForTheKey() == 1);
            await().until(() -> waitForTheKey() == 0);

            assertThat(entries(batch)).isEqualTo(1);
            other.rollback();
        }
        assertThat(mailsSoFar("busy-key@x.test")).isEqualTo(1);
    }

    /** Sessions that wait for another one's key, which they do for a few seconds. */
    private long waitForTheKey() {
        return database.queryLong("select count(*) from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock' and query like '%email-idempotency-reserve%'");
    }

    @Test
    void retriedAlertIsNotDigestedInTheMiddle() {
        AtomicInteger tries = new AtomicInteger();
        server.follow((step, recipient) -> {
            if (step == Step.RCPT && recipient.startsWith("retried") && tries.incrementAndGet() == 1) {
                spendTheBudgetOf("retried@x.test");
                return Action.say("451 4.7.1 later");
            }
            return Action.OK;
        });

        awaitState(incident("retried@x.test", "x"), "sent");
    }

    /** Each address is configured twice, and told in the order of the configuration. */
    @Test
    void dayAndWeekAreToldOnceHoweverOftenSomebodyLooks() {
        await().until(() -> mailsTo("last@x.test") == 1);

        for (String address : List.of("daily@x.test", "weekly@x.test")) {
            assertThat(awaitMails(address, 1).get(0)).contains("List-Unsubscribe-Post");
            assertThat(mailsTo(address)).isOne();
        }
    }

    private long mailsTo(String address) {
        return database.queryLong("select count(*) from caretaker.email_recipient where address = '" + address + "'");
    }

    @Test
    void mailsOfApplicationsHaveNoBudgetAndNoWayOut() {
        spendTheBudgetOf("app@x.test");
        awaitState(send(Map.of("from", "a@acme.test", "to", "app@x.test", "subject", "x", "text", "x")), "sent");

        assertThat(awaitMails("app@x.test", 1).get(0)).doesNotContain("List-Unsubscribe");
    }
}
