package io.pgcaretaker.email;

import static io.pgcaretaker.email.Api.as;
import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.post;
import static io.pgcaretaker.email.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.icegreen.greenmail.util.GreenMail;
import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@ServiceTest(MailServer.class)
class WireContractIT {

    TestDatabase database;
    GreenMail mailServer;

    @Test
    void mailIsShownAsItWasHandedIn() {
        String id = send(Map.of(
                "from", "Acme <a@acme.test>",
                "to", List.of("b@x.test", "Name <c@x.test>"),
                "cc", "d@x.test",
                "reply_to", "r@acme.test",
                "subject", "Hi 🎉",
                "html", "<b>x</b>",
                "tags", List.of(Map.of("name", "category", "value", "welcome")),
                "headers", Map.of("X-Thing", "1")));

        get(id).then()
                .statusCode(200)
                .body("object", is("email"))
                .body("id", is(id))
                .body("from", is("Acme <a@acme.test>"))
                .body("to", contains("b@x.test", "Name <c@x.test>"))
                .body("cc", contains("d@x.test"))
                .body("bcc", nullValue())
                .body("reply_to", contains("r@acme.test"))
                .body("subject", is("Hi 🎉"))
                .body("html", is("<b>x</b>"))
                .body("text", nullValue())
                .body("created_at", notNullValue())
                .body("scheduled_at", nullValue())
                .body("tags[0].name", is("category"))
                .body("recipients", hasSize(3));
    }

    @Test
    void eachRecipientGetsOneMailWithTheSameHeadersAndBccShowsNobody() throws Exception {
        String id = send(Map.of(
                "from",
                "a@acme.test",
                "to",
                List.of("one@bcc.test", "ONE@bcc.test"),
                "cc",
                List.of("two@bcc.test"),
                "bcc",
                List.of("three@bcc.test"),
                "subject",
                "to three",
                "text",
                "x"));
        for (int i = 0; i < 3; i++) {
            String path = "recipients[" + i + "].state";
            org.awaitility.Awaitility.await()
                    .untilAsserted(() -> assertThat((String) get(id).path(path)).isEqualTo("sent"));
        }

        List<String> headers = new ArrayList<>();
        Set<String> messageIds = new HashSet<>();
        for (var message : mailServer.getReceivedMessages()) {
            if (message.getMessageID().contains(id)) {
                headers.add(String.join(",", message.getHeader("To")) + "|" + String.join(",", message.getHeader("Cc"))
                        + "|" + java.util.Arrays.toString(message.getHeader("Bcc")));
                messageIds.add(message.getMessageID());
            }
        }
        assertThat(headers).hasSize(3).allMatch(line -> !line.contains("three@") && line.endsWith("|null"));
        assertThat(messageIds).hasSize(3);
    }

    @Test
    void sameKeyAndSamePayloadIsTheSameMail() {
        String first = post("/emails", "key-same", plain("same@x.test")).path("id");
        Map<String, Object> asArray = new HashMap<>(plain("same@x.test"));
        asArray.put("to", List.of("same@x.test"));
        String second = post("/emails", "key-same", asArray).path("id");

        assertThat(second).isEqualTo(first);
        assertThat(database.queryLong("select count(*) from caretaker.email_recipient where address = 'same@x.test'"))
                .isEqualTo(1);
    }

    @Test
    void sameKeyAndAnotherPayloadIsAConflict() {
        post("/emails", "key-other", plain("one@x.test")).then().statusCode(200);

        post("/emails", "key-other", plain("two@x.test"))
                .then()
                .statusCode(409)
                .contentType("application/json")
                .body("statusCode", is(409))
                .body("name", is("invalid_idempotent_request"))
                .body("message", notNullValue());
    }

    @Test
    void keyIsItsCallersAndItsEndpointsOwn() {
        String first = post("/emails", "key-scope", plain("scope@x.test")).path("id");
        String batch = post("/emails/batch", "key-scope", List.of(plain("scope@x.test")))
                .path("data[0].id");

        assertThat(batch).isNotNull().isNotEqualTo(first);
    }

    @Test
    void concurrentRequestsWithOneKeyMakeOneMail() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            List<Callable<String>> calls = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                calls.add(
                        () -> post("/emails", "key-race", plain("race@x.test")).path("id"));
            }
            Set<String> ids = new HashSet<>();
            for (Future<String> answer : pool.invokeAll(calls)) {
                ids.add(answer.get());
            }

            assertThat(ids).hasSize(1).doesNotContainNull();
            assertThat(database.queryLong(
                            "select count(*) from caretaker.email_recipient where address = 'race@x.test'"))
                    .isEqualTo(1);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void keyInUseByAnUnfinishedRequestIsAConflictOfItsOwn() throws Exception {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into caretaker.email_idempotency"
                    + " (caller, endpoint, key, request, email_ids, expires_at)"
                    + " values ('send', '/emails', 'key-busy', '', '{}', now() + interval '1 day')");

            post("/emails", "key-busy", plain("busy@x.test"))
                    .then()
                    .statusCode(409)
                    .body("name", is("concurrent_idempotent_requests"));
            connection.rollback();
        }
    }

    @Test
    void wrongIdempotencyKeyIsRefused() {
        for (String key : List.of("k".repeat(257), "", " ", "a\tb")) {
            post("/emails", key, plain("a@x.test")).then().statusCode(400).body("name", is("invalid_idempotency_key"));
        }
        as(TestKeys.SENDER)
                .contentType("application/json")
                .header("Idempotency-Key", "one", "two")
                .body(plain("a@x.test"))
                .post("/emails")
                .then()
                .statusCode(400)
                .body("name", is("invalid_idempotency_key"));
    }

    @Test
    void twoMailsInOneBodyAreNotTakenAsOne() {
        String mail = "{\"from\":\"a@acme.test\",\"to\":\"b@x.test\",\"subject\":\"s\",\"text\":\"t\"}";

        for (String body : List.of(mail + "\n" + mail, mail + " x", "[" + mail + "]]")) {
            post(body.startsWith("[") ? "/emails/batch" : "/emails", body)
                    .then()
                    .statusCode(400)
                    .body("name", is("validation_error"));
        }
    }

    @Test
    void bodyOfMoreValuesThanFitIntoASmallHeapIsRefused() {
        String many = "{\"x\":[" + "[],".repeat(300_000) + "[]]}";

        post("/emails", many).then().statusCode(400).body("name", is("validation_error"));
    }

    @Test
    void variablesLongerThanFitIntoASmallHeapAreRefused() {
        post("/api/email/test", Map.of("to", "b@x.test", "message", "x\n".repeat(300_000)))
                .then()
                .statusCode(422)
                .body("detail", containsString("template.variables.message"));
    }

    @Test
    void linkThatEndedBeforeAllTimesIsNotDelivered() {
        String id = post(
                        "/api/email/password-reset",
                        Map.of(
                                "to", "b@x.test",
                                "name", "Ann",
                                "resetUrl", "https://app.test/reset",
                                "expiresAt", "-999999999-01-01T00:00:00Z"))
                .then()
                .statusCode(200)
                .extract()
                .path("id");

        Api.awaitState(id, "expired");
    }

    @Test
    void listsRefuseWhatIsNoPageAndWhatIsNoAddressIsNotSuppressed() {
        for (String list : List.of("suppressions", "attempts")) {
            for (String page : List.of("page=2147483647&size=200", "page=-1", "size=0", "size=201")) {
                as(TestKeys.VIEWER)
                        .get("/api/email/" + list + "?" + page)
                        .then()
                        .statusCode(400);
            }
            as(TestKeys.VIEWER)
                    .get("/api/email/" + list + "?page=10737417&size=200")
                    .then()
                    .statusCode(200);
        }
        as(TestKeys.OPERATOR)
                .urlEncodingEnabled(false)
                .delete("/api/email/suppressions/a%00b@x.test")
                .then()
                .statusCode(404);
    }

    @Test
    void strictBatchTakesAllOrNothing() {
        List<Object> emails = List.of(plain("batch1@x.test"), Map.of("from", "a@acme.test"), plain("batch2@x.test"));

        post("/emails/batch", emails).then().statusCode(422).body("name", is("missing_required_field"));

        assertThat(database.queryLong(
                        "select count(*) from caretaker.email_recipient where address like 'batch_@x.test'"))
                .isZero();
    }

    @Test
    void permissiveBatchTakesWhatIsWellFormedAndNamesTheRest() {
        as(TestKeys.SENDER)
                .contentType("application/json")
                .header("x-batch-validation", "permissive")
                .body(List.of(plain("p1@x.test"), Map.of("from", "a@acme.test"), plain("p2@x.test")))
                .post("/emails/batch")
                .then()
                .statusCode(200)
                .body("data", hasSize(2))
                .body("errors", hasSize(1))
                .body("errors[0].index", is(1));
    }

    @Test
    void scheduledMailWaitsIsMovedAndIsCanceledWithAnEmptyBodyThatCallsItselfJson() {
        Map<String, Object> email = new HashMap<>(plain("scheduled@x.test"));
        email.put("scheduled_at", "in 1 hour");
        String id = send(email);
        get(id).then().body("last_event", is("scheduled")).body("scheduled_at", notNullValue());
        String later = Instant.now()
                .plus(2, ChronoUnit.HOURS)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();

        as(TestKeys.SENDER)
                .contentType("application/json")
                .body(Map.of("scheduled_at", later))
                .patch("/emails/" + id)
                .then()
                .statusCode(200)
                .body("object", is("email"))
                .body("id", is(id));
        get(id).then().body("scheduled_at", is(later));
        as(TestKeys.SENDER)
                .contentType("application/json")
                .post("/emails/" + id + "/cancel")
                .then()
                .statusCode(200)
                .body("object", equalTo("email"));
        get(id).then().body("last_event", is("canceled"));
        as(TestKeys.SENDER)
                .contentType("application/json")
                .post("/emails/" + id + "/cancel")
                .then()
                .statusCode(422)
                .body("name", is("validation_error"));
    }

    @Test
    void scheduledMailThatIsMovedToNowGoesOut() {
        Map<String, Object> email = new HashMap<>(plain("moved@x.test"));
        email.put("scheduled_at", "in 2 days");
        String id = send(email);

        as(TestKeys.SENDER)
                .contentType("application/json")
                .body(Map.of("scheduled_at", Instant.now().toString()))
                .patch("/emails/" + id)
                .then()
                .statusCode(200);

        awaitState(id, "sent");
    }

    @Test
    void listIsPagedByIdsInBothDirections() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(send(plain("list" + i + "@x.test")));
        }

        List<String> page =
                as(TestKeys.SENDER).get("/emails?limit=2&after=" + ids.get(3)).path("data.id");
        List<String> back =
                as(TestKeys.SENDER).get("/emails?limit=2&before=" + ids.get(1)).path("data.id");

        assertThat(page).containsExactly(ids.get(2), ids.get(1));
        assertThat(back).containsExactly(ids.get(3), ids.get(2));
        as(TestKeys.SENDER)
                .get("/emails?limit=1")
                .then()
                .body("object", is("list"))
                .body("has_more", is(true))
                .body("data", hasSize(1));
    }

    @Test
    void attachmentsArriveAsTheyWere() throws Exception {
        byte[] content = "%PDF-1.7 \u0000\u00ff bytes".getBytes(StandardCharsets.ISO_8859_1);
        Map<String, Object> email = new HashMap<>(plain("attached@x.test"));
        email.put(
                "attachments",
                List.of(Map.of(
                        "filename", "a.pdf", "content", Base64.getEncoder().encodeToString(content))));
        String id = send(email);
        awaitState(id, "sent");

        var mail = java.util.Arrays.stream(mailServer.getReceivedMessages())
                .filter(message -> com.icegreen.greenmail.util.GreenMailUtil.getHeaders(message)
                        .contains(id))
                .findFirst()
                .orElseThrow();
        var part = ((jakarta.mail.internet.MimeMultipart) mail.getContent()).getBodyPart(1);
        assertThat(part.getFileName()).isEqualTo("a.pdf");
        assertThat(part.getContentType()).startsWith("application/pdf");
        assertThat(part.getInputStream().readAllBytes()).isEqualTo(content);
    }

    @Test
    void viewerFollowsAMailButDoesNotReadIt() {
        String id = send(plain("viewed@x.test"));

        as(TestKeys.VIEWER)
                .get("/emails/" + id)
                .then()
                .statusCode(200)
                .body("text", nullValue())
                .body("recipients", hasSize(1));
    }

    @Test
    void errorsAreResendsInTheirShape() {
        io.restassured.RestAssured.given()
                .get("/emails")
                .then()
                .statusCode(401)
                .body("name", is("missing_api_key"))
                .body("statusCode", is(401));
        as(TestKeys.UNKNOWN).get("/emails").then().statusCode(401).body("name", is("invalid_api_key"));
        as(TestKeys.REPORTER).get("/emails").then().statusCode(403).body("name", is("restricted_api_key"));
        as(TestKeys.SENDER)
                .get("/emails/00000000-0000-0000-0000-000000000000")
                .then()
                .statusCode(404)
                .body("name", is("not_found"));
        as(TestKeys.SENDER).get("/emails/no-id").then().statusCode(404).body("name", is("not_found"));
        as(TestKeys.SENDER).delete("/emails").then().statusCode(405).body("name", is("method_not_allowed"));
        post("/emails", "{\"from\"").then().statusCode(400).body("name", is("validation_error"));
    }
}
