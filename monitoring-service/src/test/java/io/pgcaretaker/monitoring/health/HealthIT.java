package io.pgcaretaker.monitoring.health;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.pgcaretaker.monitoring.ConflictingEmailService;
import io.pgcaretaker.testing.ServiceTest;
import io.restassured.response.Response;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@ServiceTest(ConflictingEmailService.class)
class HealthIT {

    @Test
    void databaseAnswersAndDeadNeighboursOnlyDegrade() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().get("/api/monitoring/health")
                        .then()
                        .statusCode(207)
                        .body("status", equalTo("degraded"))
                        .body("checks.find { it.name == 'database' }.status", equalTo("pass"))
                        .body("checks.find { it.name == 'connections' }.status", equalTo("pass"))
                        .body("checks.find { it.name == 'long_queries' }.status", equalTo("pass"))
                        .body("checks.find { it.name == 'storage' }.status", equalTo("pass"))
                        .body("checks.find { it.name == 'cleanup-service' }.status", equalTo("fail"))
                        .body("checks.find { it.name == 'email-service' }.status", equalTo("fail")));
    }

    @Test
    void publicAnswerNamesNoHostAccountOrStatement() {
        Response answer = given().get("/api/monitoring/health");

        assertThat(answer.asString())
                .doesNotContainIgnoringCase("localhost")
                .doesNotContain("127.0.0.1")
                .doesNotContainIgnoringCase("postgres")
                .doesNotContainIgnoringCase("select")
                .doesNotContain("ctk_");
    }
}
