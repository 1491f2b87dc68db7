package io.pgcaretaker.email;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.testing.TestKeys;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.Map;

/** Calls of email-service as its callers make them. */
public final class Api {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Api() {}

    public static RequestSpecification as(String key) {
        return given().header("Authorization", "Bearer " + key);
    }

    public static Response post(String path, Object body) {
        return as(TestKeys.SENDER).contentType("application/json").body(body).post(path);
    }

    public static Response post(String path, String idempotencyKey, Object body) {
        return as(TestKeys.SENDER)
                .contentType("application/json")
                .header("Idempotency-Key", idempotencyKey)
                .body(body)
                .post(path);
    }

    public static Map<String, Object> plain(String to) {
        return Map.of("from", "Acme <a@acme.test>", "to", to, "subject", "Hi", "text", "Hello");
    }

    /** Hands it in and returns its id. */
    public static String send(Object email) {
        return post("/emails", email).then().statusCode(200).extract().path("id");
    }

    public static Response get(String id) {
        return as(TestKeys.SENDER).get("/emails/" + id);
    }

    /** Asked again and again, and REST-assured compiles a path each time it reads one: read by Jackson. */
    public static String state(String id) {
        try {
            return JSON.readTree(get(id).asString()).at("/recipients/0/state").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void awaitState(String id, String state) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(state(id)).isEqualTo(state));
    }
}
