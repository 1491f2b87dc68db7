package io.pgcaretaker.email.webhook;

import static io.pgcaretaker.email.Api.as;
import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.ResendSdk;
import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.email.smtp.WebhookReceiver;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications are told what became of their mails. */
@ServiceTest(ScriptedNeighbours.class)
class WebhookIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    ScriptedSmtp server;
    WebhookReceiver receiver;
    TestDatabase database;

    @AfterEach
    void heal() {
        server.follow((step, recipient) -> Action.OK);
        receiver.answer(call -> 204);
    }

    private List<WebhookReceiver.Call> awaitCalls(String recipient, int number) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(receiver.about(recipient)).hasSize(number));
        return receiver.about(recipient);
    }

    private static JsonNode body(WebhookReceiver.Call call) throws Exception {
        return JSON.readTree(call.body());
    }

    private int waiting(String recipient) {
        return (int) database.queryLong("select count(*) from caretaker.webhook_event w"
                + " join caretaker.email_recipient r on r.id = w.recipient_id"
                + " where w.endpoint = 'app' and r.address = '" + recipient + "'");
    }

    @Test
    void everyEventIsToldInResendsWordsAndVerifiedByTheRealSdk() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        server.follow((step, recipient) -> {
            if (step == Step.RCPT && recipient.startsWith("hook-late") && tries.incrementAndGet() == 1) {
                return Action.say("451 4.7.1 greylisted");
            }
            if (step == Step.RCPT && recipient.startsWith("hook-gone")) {
                return Action.say("550 5.1.1 no such user");
            }
            return step == Step.END && recipient.startsWith("hook-spam")
                    ? Action.say("554 5.1.8 whose sender has no domain")
                    : Action.OK;
        });
        String late = send(Map.of(
                "from", "Acme <a@acme.test>",
                "to", List.of("hook-late@x.test", "hook-spam@x.test"),
                "subject", "Hi 🎉",
                "text", "x",
                "tags", List.of(Map.of("name", "category", "value", "welcome"))));
        String gone = send(plain("hook-gone@x.test"));
        awaitState(gone, "failed");
        // What is told of two mails comes in no promised order.
        awaitCalls("hook-gone@x.test", 1);
        String again = send(plain("hook-gone@x.test"));

        List<WebhookReceiver.Call> calls = new ArrayList<>(awaitCalls("hook-late@x.test", 2));
        calls.addAll(awaitCalls("hook-spam@x.test", 1));
        calls.addAll(awaitCalls("hook-gone@x.test", 2));

        assertThat(calls.stream().map(call -> read(call).path("type").asText()))
                .containsExactly(
                        "email.delivery_delayed", "email.sent", "email.failed", "email.bounced", "email.suppressed");
        JsonNode sent = body(calls.get(1)).path("data");
        assertThat(sent.path("email_id").asText()).isEqualTo(late);
        assertThat(sent.path("subject").asText()).isEqualTo("Hi 🎉");
        assertThat(sent.path("tags").path("category").asText()).isEqualTo("welcome");
        assertThat(body(calls.get(2)).path("data").path("failed").path("reason").asText())
                .isEqualTo("554 5.1.8 whose sender has no domain");
        JsonNode bounce = body(calls.get(3)).path("data").path("bounce");
        assertThat(bounce.path("type").asText()).isEqualTo("Permanent");
        assertThat(bounce.path("diagnosticCode").get(0).asText()).contains("550 5.1.1");
        assertThat(body(calls.get(4)).path("data").path("email_id").asText()).isEqualTo(again);
        assertThat(calls.stream().map(WebhookReceiver.Call::id).distinct()).hasSize(5);
        verifyWithTheSdk(calls);
    }

    private static JsonNode read(WebhookReceiver.Call call) {
        try {
            return body(call);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void verifyWithTheSdk(List<WebhookReceiver.Call> calls) throws Exception {
        List<Object> lines = new ArrayList<>();
        for (WebhookReceiver.Call call : calls) {
            for (String secret : List.of(WebhookReceiver.SECRET, WebhookReceiver.OLD_SECRET)) {
                lines.add(Map.of(
                        "secret",
                        secret,
                        "payload",
                        call.body(),
                        "headers",
                        Map.of("id", call.id(), "timestamp", call.timestamp(), "signature", call.signature())));
            }
        }
        Path file = Files.createTempFile("webhooks", ".json");
        JSON.writeValue(file.toFile(), lines);

        ResendSdk.Run run = ResendSdk.run("webhooks.mjs", file.toString());

        assertThat(run.output()).contains("verified email.sent", "verified email.bounced", "verified email.suppressed");
        assertThat(run.exitCode()).as(run.output()).isZero();
    }

    @Test
    void whatIsNotTakenIsToldAgainWithTheSameIdAndTheSameBody() throws Exception {
        receiver.answer(call -> call.body().contains("hook-again") ? 500 : 204);
        send(plain("hook-again@x.test"));
        awaitCalls("hook-again@x.test", 1);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.webhook_event where last_error = 'it answered 500'")
                        == 1);
        receiver.answer(call -> 204);

        as(TestKeys.OPERATOR)
                .contentType("application/json")
                .post("/api/email/webhooks/app/tell-again")
                .then()
                .statusCode(200);

        List<WebhookReceiver.Call> calls = awaitCalls("hook-again@x.test", 2);
        assertThat(calls.get(1).id()).isEqualTo(calls.get(0).id());
        assertThat(calls.get(1).body()).isEqualTo(calls.get(0).body());
        await().atMost(Duration.ofSeconds(30)).until(() -> waiting("hook-again@x.test") == 0);
    }

    @Test
    void receiverThatNeverAnswersHoldsUpNoOtherAndNoMail() throws Exception {
        for (int i = 0; i < 2; i++) {
            String id = send(plain("hook-quick" + i + "@x.test"));
            awaitState(id, "sent");
            awaitCalls("hook-quick" + i + "@x.test", 1);
        }

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> as(TestKeys.VIEWER)
                        .get("/api/email/webhooks")
                        .then()
                        .body("webhooks.find { it.name == 'silent' }.lastError", is("no answer within 1000 ms")));
        String shown = as(TestKeys.VIEWER).get("/api/email/webhooks").asString();
        assertThat(shown).doesNotContain("HOOKTOKEN").doesNotContain("whsec_").doesNotContain("127.0.0.1");
    }

    @Test
    void redirectIsARefusalAndNotFollowed() {
        receiver.answer(call -> call.body().contains("hook-moved") ? 302 : 204);
        send(plain("hook-moved@x.test"));
        awaitCalls("hook-moved@x.test", 1);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.queryLong(
                                "select count(*) from caretaker.webhook_event where last_error = 'it answered 302'")
                        == 1);
        assertThat(receiver.calls()).noneMatch(call -> call.id().equals("redirected"));
        database.execute("delete from caretaker.webhook_event where last_error = 'it answered 302'");
    }

    @Test
    void eventIsWrittenWithTheChangeOrNotAtAll() throws Exception {
        String id = send(Map.of(
                "from",
                "a@acme.test",
                "to",
                "hook-tx@x.test",
                "subject",
                "x",
                "text",
                "x",
                "scheduled_at",
                "in 1 hour"));
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("update caretaker.email_recipient set state = 'failed' where email_id = '" + id + "'");
            connection.rollback();
        }
        assertThat(waiting("hook-tx@x.test")).isZero();

        database.execute("insert into caretaker.suppression (address, reason) values ('hook-sql@x.test', 'test')");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "select caretaker.enqueue_email('a@acme.test', array['hook-sql@x.test'], 'Hi', plain => 'x')");
        }

        assertThat(body(awaitCalls("hook-sql@x.test", 1).get(0)).path("type").asText())
                .isEqualTo("email.suppressed");
    }

    @Test
    void whatIsGivenUpIsKeptUntilAnOperatorTellsItAgain() {
        receiver.answer(call -> call.body().contains("hook-given-up") ? 400 : 204);
        send(plain("hook-given-up@x.test"));
        awaitCalls("hook-given-up@x.test", 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> due("hook-given-up@x.test") == 1);
        database.execute(
                "update caretaker.webhook_event set attempt = 7, due_at = now() where last_error = 'it answered 400'");
        awaitCalls("hook-given-up@x.test", 2);
        await().atMost(Duration.ofSeconds(30)).until(() -> due("hook-given-up@x.test") == 0);
        as(TestKeys.VIEWER).get("/api/email/webhooks").then().body("webhooks.find { it.name == 'app' }.givenUp", is(1));
        receiver.answer(call -> 204);

        as(TestKeys.OPERATOR)
                .contentType("application/json")
                .post("/api/email/webhooks/app/tell-again")
                .then()
                .body("messages", is(1));

        awaitCalls("hook-given-up@x.test", 3);
        for (String unknown : List.of("nobody", "%00")) {
            as(TestKeys.OPERATOR)
                    .urlEncodingEnabled(false)
                    .contentType("application/json")
                    .post("/api/email/webhooks/" + unknown + "/tell-again")
                    .then()
                    .statusCode(404);
        }
    }

    private int due(String recipient) {
        return (int) database.queryLong("select count(*) from caretaker.webhook_event w"
                + " join caretaker.email_recipient r on r.id = w.recipient_id"
                + " where w.endpoint = 'app' and w.due_at is not null and w.last_error is not null and r.address = '"
                + recipient + "'");
    }
}
