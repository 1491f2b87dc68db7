package io.pgcaretaker.monitoring.alert;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.pgcaretaker.monitoring.ConflictingEmailService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ServiceTest(ConflictingEmailService.class)
class IncidentsIT {

    TestDatabase database;

    private static RequestSpecification as(String key) {
        return given().header("Authorization", "Bearer " + key).contentType("application/json");
    }

    private String incident(String rule, String state) {
        String id = UUID.randomUUID().toString();
        database.execute(
                "insert into caretaker.incident (id, rule, fingerprint, severity, labels, state, summary, value,"
                        + " threshold, advice, pending_since, fired_at, last_seen_at, resolved_at) values ('" + id
                        + "', '"
                        + rule + "', '" + id + "', 'warning', '{\"service\": \"x\"}', '" + state
                        + "', 'It is wrong', '9', '8', 'Look', now(), now(), now(), "
                        + (state.equals("resolved") ? "now()" : "null") + ")");
        return id;
    }

    @Test
    void listsByStateAndAcknowledgesOnce() {
        String firing = incident("manual", "firing");
        String resolved = incident("manual", "resolved");

        as(TestKeys.VIEWER)
                .get("/api/monitoring/incidents?state=firing")
                .then()
                .statusCode(200)
                .body("items.id", hasItem(firing))
                .body("items.id", not(hasItem(resolved)))
                .body("items.find { it.id == '" + firing + "' }.labels.service", equalTo("x"));
        as(TestKeys.OPERATOR)
                .body("{\"note\": \"on it\"}")
                .post("/api/monitoring/incidents/{id}/acknowledge", firing)
                .then()
                .statusCode(200)
                .body("acknowledgedBy", equalTo("oper"))
                .body("note", equalTo("on it"));
        as(TestKeys.OPERATOR)
                .post("/api/monitoring/incidents/{id}/acknowledge", firing)
                .then()
                .statusCode(200)
                .body("note", equalTo("on it"));
        as(TestKeys.OPERATOR)
                .post("/api/monitoring/incidents/{id}/acknowledge", resolved)
                .then()
                .statusCode(409);
        as(TestKeys.OPERATOR)
                .post("/api/monitoring/incidents/{id}/acknowledge", UUID.randomUUID())
                .then()
                .statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state=open", "page=-1", "size=0", "size=201", "page=abc", "size=99999999999"})
    void badParameterIsRefused(String query) {
        as(TestKeys.VIEWER)
                .get("/api/monitoring/incidents?" + query)
                .then()
                .statusCode(400)
                .body("errors.field", hasItem(query.replaceFirst("=.*", "")));
    }

    @Test
    void silenceHasAnEnd() {
        String end = Instant.now().plus(2, ChronoUnit.HOURS).toString();
        String id = as(TestKeys.OPERATOR)
                .body("{\"rule\": \"long-query\", \"reason\": \"reindex\", \"endsAt\": \"" + end + "\"}")
                .post("/api/monitoring/silences")
                .then()
                .statusCode(201)
                .body("createdBy", equalTo("oper"))
                .extract()
                .path("id");

        as(TestKeys.VIEWER)
                .get("/api/monitoring/silences")
                .then()
                .statusCode(200)
                .body("items.id", hasItem(id));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"reason": "x", "endsAt": "END", "label": {"service": "a"}}        | 400 | label
            {"reason": "x", "reason": "y", "endsAt": "END"}                    | 400 |
            {"reason": "x", "endsAt": "END"} {"reason": "y"}                   | 400 |
            {"reason": "a\\u0000", "endsAt": "END"}                            | 422 | reason
            {"reason": "x", "endsAt": "END", "labels": {"service": "\\u0000"}} | 422 | labels
            {"reason": "x", "endsAt": "END", "labels": {"": "a"}}              | 422 | labels
            """)
    void silenceThatSaysSomethingElseThanIsReadIsRefused(String body, int status, @Nullable String field) {
        String end = Instant.now().plus(2, ChronoUnit.HOURS).toString();

        String answer = as(TestKeys.OPERATOR)
                .body(body.replace("END", end))
                .post("/api/monitoring/silences")
                .then()
                .statusCode(status)
                .extract()
                .asString();

        assertThat(answer).contains(field == null ? "400" : "\"field\":\"" + field);
    }

    @Test
    void twoEventsOneAfterTheOtherAreRefused() {
        as(TestKeys.REPORTER)
                .body("{\"event\": \"authn_login_fail\"} {\"event\": \"authn_login_fail\"}")
                .post("/api/monitoring/security/events")
                .then()
                .statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"present=maybe", "check=%00", "check=a%20b"})
    void badParameterOfFindingsIsRefused(String query) {
        as(TestKeys.VIEWER)
                .urlEncodingEnabled(false)
                .get("/api/monitoring/findings?" + query)
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo(query.replaceFirst("=.*", "")));
    }

    @Test
    void silenceForSomeLabelsCanBeEndedOnce() {
        String end = Instant.now().plus(2, ChronoUnit.HOURS).toString();
        String silence = "/api/monitoring/silences/"
                + as(TestKeys.OPERATOR)
                        .body("{\"labels\": {\"service\": \"email-service\"}, \"reason\": \"update\", \"endsAt\": \""
                                + end + "\"}")
                        .post("/api/monitoring/silences")
                        .then()
                        .statusCode(201)
                        .body("labels.service", equalTo("email-service"))
                        .extract()
                        .<String>path("id");

        as(TestKeys.OPERATOR).delete(silence).then().statusCode(200);

        as(TestKeys.OPERATOR).delete(silence).then().statusCode(409);
        as(TestKeys.OPERATOR)
                .delete("/api/monitoring/silences/" + UUID.randomUUID())
                .then()
                .statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"reason\": \"x\", \"labels\": {\"a\": null}, \"endsAt\": \"2001-01-01T00:00:00Z\"}",
                "{\"reason\": \"x\"}",
                "{\"reason\": \" \", \"endsAt\": \"2099-01-01T00:00:00Z\"}",
                "{\"reason\": \"x\", \"endsAt\": \"2001-01-01T00:00:00Z\"}",
                "{\"reason\": \"x\", \"endsAt\": \"2099-01-01T00:00:00Z\"}",
                "{\"reason\": \"x\", \"rule\": \"made-up\", \"endsAt\": \"2099-01-01T00:00:00Z\"}"
            })
    void silenceThatBreaksARuleIsRefused(String body) {
        as(TestKeys.OPERATOR).body(body).post("/api/monitoring/silences").then().statusCode(422);
    }

    @Test
    void bodyOverTheLimitIsRefusedInWords() {
        as(TestKeys.OPERATOR)
                .body("{\"reason\": \"" + "x".repeat(4_000_000) + "\"}")
                .post("/api/monitoring/silences")
                .then()
                .statusCode(413)
                .contentType("application/problem+json")
                .body("errors[0].field", equalTo("body"))
                .body("errors[0].rule", equalTo("must have at most 1048576 bytes"));
    }

    /** Chunked, as a body is that does not say its length. */
    @Test
    void bodyWithoutALengthOverTheLimitIsRefusedInTheSameWords() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(RestAssured.baseURI + ":" + RestAssured.port + "/api/monitoring/silences"))
                .header("Authorization", "Bearer " + TestKeys.OPERATOR)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[4_000_000])))
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body()).contains("must have at most 1048576 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "page=1;drop, page, must not contain",
        "page=1&page=2, page, must be given once",
        "%70age=1&page=2, page, must be given once",
        "page=x, page, must be a number"
    })
    void queryThatCanBeReadTwoWaysIsRefused(String query, String field, String rule) {
        as(TestKeys.VIEWER)
                .urlEncodingEnabled(false)
                .get("/api/monitoring/incidents?" + query)
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo(field))
                .body("errors[0].rule", startsWith(rule));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "-9223372036854775809", "x"})
    void statementThatCannotBeIsNotFound(String id) {
        as(TestKeys.VIEWER)
                .get("/api/monitoring/database/queries/{id}/history", id)
                .then()
                .statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"incidents/%s/acknowledge", "findings/%s/acknowledge"})
    void acknowledgementWithAFieldThatNobodyReadsIsRefused(String path) {
        as(TestKeys.OPERATOR)
                .body("{\"notes\": \"on it\"}")
                .post("/api/monitoring/" + path.formatted(incident("manual", "firing")))
                .then()
                .statusCode(400)
                .body("errors.field", hasItem("notes"));
    }
}
