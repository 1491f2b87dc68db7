package io.pgcaretaker.email;

import static io.pgcaretaker.email.Api.as;
import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.post;
import static io.pgcaretaker.email.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every recipient ends, or is visibly unknown. */
@ServiceTest(ScriptedNeighbours.class)
class DeliveryIT {

    ScriptedSmtp server;
    ScriptedNeighbours.Fallback fallback;
    TestDatabase database;
    PackagedService service;

    @AfterEach
    void healServer() {
        server.follow((step, recipient) -> Action.OK);
        fallback.close();
    }

    private long taken(String recipient) {
        return server.taken().stream()
                .filter(mail -> mail.recipient().equals(recipient))
                .count();
    }

    private List<String> outcomes(String id) {
        return as(TestKeys.VIEWER).get("/api/email/attempts?emailId=" + id).path("attempts.outcome");
    }

    @Test
    void addressThatDoesNotExistFailsIsSuppressedAndIsNotWrittenToAgain() {
        server.follow((step, recipient) -> step == Step.RCPT && recipient.equals("gone@x.test")
                ? Action.say("550 5.1.1 no such user")
                : Action.OK);
        String id = send(plain("Gone@x.test".toLowerCase(java.util.Locale.ROOT)));
        awaitState(id, "failed");

        get(id).then().body("last_event", is("bounced")).body("recipients[0].last_enhanced", is("5.1.1"));
        as(TestKeys.VIEWER).get("/api/email/suppressions").then().body("suppressions.address", hasItem("gone@x.test"));
        server.follow((step, recipient) -> Action.OK);
        String again = send(plain("GONE@x.test"));
        get(again).then().body("last_event", is("suppressed"));
        as(TestKeys.OPERATOR)
                .delete("/api/email/suppressions/gone@x.test")
                .then()
                .statusCode(200);
        String after = send(plain("gone@x.test"));
        awaitState(after, "sent");
        assertThat(taken("gone@x.test")).isEqualTo(1);
    }

    @Test
    void policyRefusalFailsAndSuppressesNobody() {
        server.follow((step, recipient) ->
                step == Step.END && recipient.startsWith("spam") ? Action.say("554 5.7.1 spam") : Action.OK);
        String id = send(plain("spam@x.test"));
        awaitState(id, "failed");

        as(TestKeys.VIEWER)
                .get("/api/email/suppressions")
                .then()
                .body("suppressions.address", not(hasItem("spam@x.test")));
    }

    @Test
    void greylistedMailIsDelayedAndThenSent() {
        AtomicInteger tries = new AtomicInteger();
        server.follow(
                (step, recipient) -> step == Step.RCPT && recipient.startsWith("grey") && tries.incrementAndGet() < 3
                        ? Action.say("451 4.7.1 greylisted")
                        : Action.OK);
        String id = send(plain("grey@x.test"));
        awaitState(id, "sent");

        assertThat(outcomes(id)).containsExactly("deferred", "deferred", "sent");
        get(id).then().body("recipients[0].attempts", is(3)).body("recipients[0].last_reply", startsWith("250"));
        assertThat(taken("grey@x.test")).isEqualTo(1);
    }

    @Test
    void oneBadRecipientBlocksNoOther() {
        server.follow((step, recipient) ->
                step == Step.RCPT && recipient.startsWith("bad") ? Action.say("550 5.7.1 no") : Action.OK);
        String id = send(Map.of(
                "from", "a@acme.test",
                "to", List.of("mixed-good@x.test", "bad-mixed@x.test"),
                "cc", "mixed-cc@x.test",
                "subject", "x",
                "text", "x"));

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get(id).<List<String>>path("recipients.state"))
                        .containsExactly("sent", "failed", "sent"));
    }

    @Test
    void transportsFaultUsesNoAttemptAndOpensTheCircuit() {
        // At MAIL too: a worker may have a connection from before.
        server.follow((step, recipient) ->
                step == Step.BANNER || step == Step.MAIL ? Action.say("421 4.3.2 down") : Action.OK);
        String id = send(plain("fault@x.test"));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                as(TestKeys.VIEWER).get("/api/email/queue").<String>path("transport"))
                        .contains("paused"));

        get(id).then().body("recipients[0].attempts", is(0)).body("recipients[0].state", is("queued"));
        server.follow((step, recipient) -> Action.OK);
        awaitState(id, "sent");
        get(id).then().body("recipients[0].attempts", is(1));
        assertThat(as(TestKeys.VIEWER).get("/api/email/queue").<String>path("transport"))
                .isEqualTo("ok");
    }

    @Test
    void connectionDroppedAfterTheDotIsUnknownAndPlainMailIsRepeatedWithTheSameMessageId() {
        AtomicInteger tries = new AtomicInteger();
        server.follow(
                (step, recipient) -> step == Step.END && recipient.startsWith("dot") && tries.incrementAndGet() == 1
                        ? Action.DROP
                        : Action.OK);
        String id = send(plain("dot@x.test"));
        awaitState(id, "sent");

        assertThat(outcomes(id)).containsExactly("unknown", "sent");
        assertThat(server.taken().stream()
                        .filter(mail -> mail.recipient().equals("dot@x.test"))
                        .map(ScriptedSmtp.Taken::messageId)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void unknownDeletionNoticeIsHeldUntilAnOperatorDecides() {
        server.follow(
                (step, recipient) -> step == Step.END && recipient.startsWith("held") ? Action.SILENCE : Action.OK);
        String id = send(Map.of(
                "to",
                "held@x.test",
                "template",
                Map.of(
                        "id",
                        "deletion-notice",
                        "variables",
                        Map.of(
                                "name", "A",
                                "deletedAt", "2026-01-01T00:00:00Z",
                                "purgeAt", "2026-02-01T00:00:00Z",
                                "restoreUrl", "https://app.test/restore"))));
        awaitState(id, "unknown");
        assertThat(get(id).<String>path("html"))
                .as("the link restores an account")
                .isNull();
        server.follow((step, recipient) -> Action.OK);
        int recipient = get(id).path("recipients[0].id");

        as(TestKeys.VIEWER).get("/api/email/queue").then().body("recipients.emailId", hasItem(id));
        await().untilAsserted(() -> assertThat(
                        as(TestKeys.VIEWER).get("/api/email/status").<Integer>path("details.unknown"))
                .isPositive());
        assertThat(taken("held@x.test")).isEqualTo(1);
        as(TestKeys.OPERATOR)
                .contentType("application/json")
                .post("/api/email/queue/" + recipient + "/resend")
                .then()
                .statusCode(200);
        awaitState(id, "sent");
        assertThat(taken("held@x.test")).isEqualTo(2);
        as(TestKeys.OPERATOR)
                .contentType("application/json")
                .post("/api/email/queue/" + recipient + "/settle")
                .then()
                .statusCode(404);
    }

    @Test
    void kindThatIsHeldByConfigurationIsHeld() {
        server.follow(
                (step, recipient) -> step == Step.END && recipient.startsWith("conf-held") ? Action.DROP : Action.OK);
        String id = post("/api/email/test", Map.of("to", "conf-held@x.test")).path("id");
        awaitState(id, "unknown");

        get(id).then()
                .body("recipients[0].waits_for", startsWith("an operator"))
                .body("recipients[0].attempts", is(1));
    }

    @Test
    void mailAgesOutUnlessItStillWaitsOrIsUndecided() {
        String old = send(plain("old@x.test"));
        awaitState(old, "sent");
        String young = send(plain("young@x.test"));
        awaitState(young, "sent");
        String undecided = send(plain("undecided@x.test"));
        awaitState(undecided, "sent");
        String waiting = send(Map.of(
                "from", "a@acme.test", "to", "w@x.test", "subject", "x", "text", "x", "scheduled_at", "in 1 hour"));
        database.execute("update caretaker.email_recipient set state = 'unknown' where email_id = '" + undecided + "';"
                + "update caretaker.email set created_at = now() - interval '91 days'"
                + " where id in ('" + old + "', '" + undecided + "', '" + waiting + "')");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> get(old).then().statusCode(404));
        assertThat(database.queryLong("select count(*) from caretaker.email_attempt where email_id = '" + old + "'"))
                .isZero();
        for (String kept : List.of(young, undecided, waiting)) {
            get(kept).then().statusCode(200);
        }
        database.execute("update caretaker.email_recipient set state = 'sent' where email_id = '" + undecided + "'");
    }

    @Test
    void workerThatDiedBetweenSendingAndTellingLeavesAnUnknownAttempt() {
        String id = send(Map.of(
                "from", "a@acme.test", "to", "died@x.test", "subject", "x", "text", "x", "scheduled_at", "in 1 hour"));
        database.execute(
                "update caretaker.email_due set started = true, attempt = 1, leased_by = 'dead', due_at = now()"
                        + " where email_id = '" + id + "'");
        awaitState(id, "sent");

        assertThat(outcomes(id)).containsExactly("unknown", "sent");
    }

    @Test
    void resetLinkIsSealedArrivesIsNeverShownAndIsErased() {
        String id = post(
                        "/api/email/password-reset",
                        Map.of(
                                "to", "reset@x.test",
                                "name", "Ann",
                                "resetUrl", "https://app.test/reset?token=SECRET123",
                                "expiresAt",
                                        Instant.now()
                                                .plus(30, ChronoUnit.MINUTES)
                                                .toString()))
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        assertThat(get(id).asString()).doesNotContain("SECRET123");
        awaitState(id, "sent");

        assertThat(server.taken().stream()
                        .filter(mail -> mail.recipient().equals("reset@x.test"))
                        .map(mail -> mail.text().replace("=\n", ""))
                        .findFirst()
                        .orElseThrow())
                .contains("SECRET123");
        assertThat(get(id).asString()).doesNotContain("SECRET123").contains("\"html\":null");
        assertThat(database.queryLong("select count(*) from caretaker.email_secret where email_id = '" + id + "'"))
                .isZero();
        assertThat(database.queryLong("select count(*) from caretaker.email e" + " where e.id = '" + id
                        + "' and e::text like '%SECRET123%'"))
                .isZero();
    }

    @Test
    void resetLinkIsNotDeliveredAfterItEnded() {
        server.follow((step, recipient) ->
                step == Step.RCPT && recipient.startsWith("late") ? Action.say("451 4.2.0 later") : Action.OK);
        String id = post(
                        "/api/email/password-reset",
                        Map.of(
                                "to", "late@x.test",
                                "name", "Ann",
                                "resetUrl", "https://app.test/reset?token=LATE",
                                "expiresAt", Instant.now().plusMillis(1500).toString()))
                .path("id");

        awaitState(id, "expired");
        get(id).then()
                .body("recipients[0].last_enhanced", is("4.2.0"))
                .body("recipients[0].last_reply", is("451 4.2.0 later"));
        assertThat(taken("late@x.test")).isZero();
        assertThat(database.queryLong("select count(*) from caretaker.email_secret where email_id = '" + id + "'"))
                .isZero();
    }

    @Test
    void applicationsMailsAreHandedInByTemplate() {
        String welcome = post(
                        "/api/email/welcome",
                        Map.of("to", "welcome@x.test", "name", "<b>Ann</b>", "loginUrl", "https://app.test/"))
                .path("id");
        String test = as(TestKeys.OPERATOR)
                .contentType("application/json")
                .body(Map.of("to", "test@x.test"))
                .post("/api/email/test")
                .path("id");
        awaitState(welcome, "sent");
        awaitState(test, "sent");

        get(welcome).then().body("subject", is("Welcome, <b>Ann</b>"));
        assertThat(get(welcome).<String>path("html")).contains("&lt;b&gt;Ann").doesNotContain("<b>Ann");
    }

    @Test
    void keySendsFromItsOwnAddressesOnly() {
        for (String from : List.of("a@acme.test", "Acme <b@ACME.test>", "only@one.test")) {
            send(Map.of("from", from, "to", "from@x.test", "subject", "x", "text", "x"));
        }
        for (String from : List.of("a@evil.test", "other@one.test", "a@sub.acme.test", "a@acme.test.evil.test")) {
            post("/emails", Map.of("from", from, "to", "from@x.test", "subject", "x", "text", "x"))
                    .then()
                    .statusCode(422)
                    .body("name", is("invalid_from_address"));
        }
    }

    @Test
    void mailTakesTheNextWayWhileTheFirstIsAtFaultAndComesBackByItself() {
        String first = "127.0.0.1:" + server.port();
        String second = "127.0.0.1:" + fallback.server().port();
        fallback.server().follow((step, recipient) -> Action.OK);
        server.follow((step, recipient) ->
                step == Step.BANNER || step == Step.MAIL ? Action.say("421 4.3.2 down") : Action.OK);
        String id = send(plain("detour@x.test"));
        awaitState(id, "sent");

        Response attempts = as(TestKeys.VIEWER).get("/api/email/attempts?emailId=" + id);
        assertThat(attempts.<List<String>>path("attempts.outcome"))
                .contains("transport_fault")
                .last()
                .isEqualTo("sent");
        assertThat(attempts.<List<String>>path("attempts.transport"))
                .contains(first)
                .last()
                .isEqualTo(second);
        get(id).then().body("recipients[0].attempts", is(1));
        assertThat(fallback.server().taken()).anyMatch(mail -> mail.recipient().equals("detour@x.test"));
        as(TestKeys.VIEWER)
                .get("/api/email/queue")
                .then()
                .body("transport", is("ok"))
                .body("transports.transport", is(List.of(first, second)))
                .body("transports[0].state", startsWith("paused"))
                .body("transports[1].state", is("ok"));
        server.follow((step, recipient) -> Action.OK);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            String next = send(plain("back@x.test"));
            awaitState(next, "sent");
            return taken("back@x.test") > 0;
        });
    }

    @Test
    void mailSaysWhatItWaitsFor() {
        String scheduled = send(Map.of(
                "from", "a@acme.test", "to", "w@x.test", "subject", "x", "text", "x", "scheduled_at", "in 1 hour"));
        get(scheduled).then().body("recipients[0].waits_for", is("its time"));
        String sent = send(plain("done@x.test"));
        awaitState(sent, "sent");
        get(sent).then().body("recipients[0].waits_for", org.hamcrest.Matchers.nullValue());
    }

    @Test
    void mailToADomainWithARateWaitsForItsTurnAndUsesNoAttempt() {
        String first = send(plain("paced1@paced.test"));
        awaitState(first, "sent");
        String second = send(plain("paced2@paced.test"));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> get(second)
                        .then()
                        .body("recipients[0].waits_for", is("its turn: only so many mails go to its domain a minute")));
        String third = send(plain("paced3@paced.test"));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(nextAttempt(third)).isAfter(nextAttempt(second)));

        assertThat(Duration.between(nextAttempt(second), nextAttempt(third)))
                .isBetween(Duration.ofMillis(9_900), Duration.ofMillis(10_100));
        get(second).then().body("recipients[0].attempts", is(0)).body("recipients[0].state", is("queued"));
        database.execute(
                "update caretaker.email_due set due_at = now(), paced_at = now() where email_id = '" + second + "'");
        awaitState(second, "sent");
        get(second).then().body("recipients[0].attempts", is(1));
        assertThat(taken("paced3@paced.test")).isZero();
        post("/emails/" + third + "/cancel", "").then().statusCode(200);
    }

    private static Instant nextAttempt(String id) {
        return Instant.parse(get(id).path("recipients[0].next_attempt_at"));
    }

    @Test
    void whoAsksTooOftenIsToldHowOftenAndWhen() {
        as(TestKeys.SENDER)
                .get("/emails?limit=1")
                .then()
                .statusCode(200)
                .header("ratelimit-limit", "10000")
                .header("ratelimit-remaining", startsWith("99"))
                .header("ratelimit-policy", "10000;w=1");
        // Many at once: one after the other they would take longer than a second each five of them on a busy machine.
        ExecutorService callers = Executors.newFixedThreadPool(20);
        Response refused;
        try {
            refused = Stream.generate(() -> CompletableFuture.supplyAsync(
                            () -> as(TestKeys.VIEWER).get("/emails?limit=1"), callers))
                    .limit(200)
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .filter(answer -> answer.statusCode() == 429)
                    .findFirst()
                    .orElseThrow();
        } finally {
            callers.shutdownNow();
        }

        refused.then()
                .header("ratelimit-limit", "5")
                .header("ratelimit-remaining", "0")
                .header("ratelimit-reset", "1")
                .header("retry-after", "1")
                .body("name", is("rate_limit_exceeded"))
                .body("statusCode", is(429));
    }

    @Test
    void metricsTellWhatHappened() {
        String id = send(plain("metrics@x.test"));
        awaitState(id, "sent");

        String metrics = io.restassured.RestAssured.given()
                .accept("text/plain")
                .get(service.management().resolve("/q/metrics"))
                .asString();

        assertThat(metrics)
                .contains("caretaker_email_accepted_total")
                .contains("caretaker_email_ended_total{state=\"sent\"")
                .contains("caretaker_email_attempt_seconds_count{outcome=\"sent\"")
                .contains("caretaker_email_queue_depth{state=\"waiting\"")
                .contains("caretaker_email_queue_oldest_seconds")
                .contains("caretaker_email_circuit_open");
    }
}
