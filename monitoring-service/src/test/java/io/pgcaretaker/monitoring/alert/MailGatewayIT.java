package io.pgcaretaker.monitoring.alert;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.pgcaretaker.monitoring.ConflictingEmailService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service makes of a conflict: one that will never pass ends the intent, one that will is repeated. */
@ServiceTest(ConflictingEmailService.class)
class MailGatewayIT {

    TestDatabase database;

    private void intend(String key) {
        database.execute(
                "insert into caretaker.monitoring_mail_intent (idempotency_key, recipients, template, variables)"
                        + " values ('" + key + "', array['a@x.test'], 'test', '{\"message\": \"x\"}')");
    }

    private boolean is(String key, String condition) {
        return database.queryLong("select count(*) from caretaker.monitoring_mail_intent where idempotency_key = '"
                        + key + "' and " + condition)
                == 1;
    }

    @Test
    void keyOfAnotherMailIsNotRepeatedForEver() {
        intend("invalid_idempotent_request");

        await().atMost(Duration.ofSeconds(20)).until(() -> is("invalid_idempotent_request", "state <> 'waiting'"));
        assertThat(is("invalid_idempotent_request", "state = 'rejected' and attempt = 1"))
                .isTrue();
    }

    @Test
    void keyThatIsBusyIsRepeated() {
        intend("concurrent_idempotent_requests");

        await().atMost(Duration.ofSeconds(20)).until(() -> is("concurrent_idempotent_requests", "attempt > 1"));
        assertThat(is("concurrent_idempotent_requests", "state = 'waiting' and last_error like '%409%'"))
                .isTrue();
        database.execute("delete from caretaker.monitoring_mail_intent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"never-ends", "trickles"})
    void answerThatDoesNotComeToAnEndIsGivenUpAndTheMailRepeated(String key) {
        intend(key);

        await().atMost(Duration.ofSeconds(20)).until(() -> is(key, "last_error like '%TimeoutException'"));
        assertThat(is(key, "state = 'waiting'")).isTrue();
        database.execute("delete from caretaker.monitoring_mail_intent");
    }

    /** As a file server may: what it sent was kept until its end, and ended this service by its heap. */
    @ParameterizedTest
    @CsvSource({
        "floods, gave no answer: AnswerTooLongException",
        "refuses in a flood, an answer of 422 that is not email-service's own"
    })
    void answerWithoutAnEndIsHungUpOnAndTheMailRepeated(String key, String error) {
        intend(key);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> is(key, "last_error like '%" + error.replace("'", "''") + "'"));
        assertThat(is(key, "state = 'waiting'")).isTrue();
        database.execute("delete from caretaker.monitoring_mail_intent");
    }

    @Test
    void refusalThatComesInPartsIsReadToItsEnd() {
        intend("refuses in parts");

        await().atMost(Duration.ofSeconds(20))
                .until(() -> is("refuses in parts", "(attempt > 1 or state <> 'waiting')"));
        assertThat(is("refuses in parts", "state = 'rejected' and attempt = 1")).isTrue();
    }

    /**
     * What answers with nothing at cleanup-service's address was taken for it, and it for well; what answers without an end ended
     * this service by its heap.
     */
    @Test
    void whatIsNotTheNeighboursAnswerIsNone() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> given().get("/api/monitoring/health")
                        .then()
                        .body("checks.find { it.name == 'cleanup-service' }.status", equalTo("fail"))
                        .body(
                                "checks.find { it.name == 'cleanup-service' }.details",
                                anyOf(
                                        startsWith("gave no usable answer"),
                                        startsWith("does not answer"),
                                        startsWith("did not answer"))));
    }

    /** Somebody else who answers there has not taken it. */
    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"id\":null}", "{\"id\":\"7\"}"})
    void answerWithoutAMailsIdIsNoReceipt(String answer) {
        intend(answer);

        await().atMost(Duration.ofSeconds(20)).until(() -> is(answer, "(attempt > 1 or state <> 'waiting')"));
        assertThat(is(answer, "state = 'waiting' and last_error like '%without a mail''s id'"))
                .isTrue();
        database.execute("delete from caretaker.monitoring_mail_intent");
    }

    /** A proxy that refuses, or somebody else at that address, says nothing about the mail. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "400 <html>Bad Request</html>",
                "413 <html>Request Entity Too Large</html>",
                "422 {\"message\": \"`to` is in the way\"}",
                "409 {\"error\": \"invalid_idempotent_request\"}",
                "451 {\"statusCode\": 451, \"message\": \"no name\"}"
            })
    void refusalThatIsNotEmailServicesOwnIsNoAnswer(String answer) {
        intend(answer);

        await().atMost(Duration.ofSeconds(20)).until(() -> is(answer, "(attempt > 1 or state <> 'waiting')"));
        assertThat(is(answer, "state = 'waiting' and last_error like '%" + answer.substring(0, 3) + "%'"))
                .isTrue();
        database.execute("delete from caretaker.monitoring_mail_intent");
    }

    @Test
    void refusalOfEmailServicesOwnIsFinal() {
        String answer = "422 {\"statusCode\":422,\"name\":\"validation_error\",\"message\":\"x\"}";
        intend(answer);

        await().atMost(Duration.ofSeconds(20)).until(() -> is(answer, "(attempt > 1 or state <> 'waiting')"));
        assertThat(is(answer, "state = 'rejected' and attempt = 1")).isTrue();
    }

    @Test
    void statusThatNeverEndsIsGivenUpAndHoldsUpNoOther() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> given().get("/api/monitoring/health")
                        .then()
                        .body(
                                "checks.find { it.name == 'email-service' }.details",
                                anyOf(startsWith("does not answer"), startsWith("did not answer")))
                        .body("checks.find { it.name == 'email-service' }.status", equalTo("fail")));
    }
}
