package io.pgcaretaker.monitoring.health;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(DisabledDbTest.Disabled.class)
@QuarkusTestResource(DatabaseResource.class)
class DisabledDbTest {

    /** {@code MONITORING_ENABLED=false}, and a pause between looks that no test outlasts. */
    public static class Disabled implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("MONITORING_ENABLED", "false", "caretaker.monitoring.collect.fast-interval", "1h");
        }
    }

    TestDatabase database;

    @Inject
    Readings readings;

    @Test
    void looksOnceWhenItIsAskedAndDoesNothingByItself() {
        assertThat(readings.all()).isEmpty();

        given().get("/api/monitoring/health")
                .then()
                .statusCode(200)
                .body("status", equalTo("healthy"))
                .body("checks.find { it.name == 'monitoring' }.details", containsString("disabled"))
                .body("checks.find { it.name == 'database' }.status", equalTo("pass"));
        var looked = readings.of("server").collectedAt();
        given().get("/api/monitoring/health").then().statusCode(200);

        assertThat(readings.of("server").collectedAt()).isEqualTo(looked);
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_lease"))
                .isZero();
    }
}
