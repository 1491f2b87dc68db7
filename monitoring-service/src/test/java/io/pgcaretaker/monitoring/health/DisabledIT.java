package io.pgcaretaker.monitoring.health;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.Surroundings;
import io.pgcaretaker.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@ServiceTest(DisabledIT.Disabled.class)
class DisabledIT {

    /** {@code MONITORING_ENABLED=false}, and a pause between looks that no test outlasts. */
    public static final class Disabled implements Surroundings {
        @Override
        public Map<String, String> settings() {
            return Map.of("MONITORING_ENABLED", "false", "caretaker.monitoring.collect.fast-interval", "1h");
        }
    }

    TestDatabase database;
    PackagedService service;

    /** How often each collector asked the database. */
    private List<String> looks() {
        return given().get(service.management().resolve("/metrics"))
                .asString()
                .lines()
                .filter(line -> line.startsWith("caretaker_collector_looks_total{"))
                .toList();
    }

    @Test
    void looksOnceWhenItIsAskedAndDoesNothingByItself() {
        assertThat(looks()).isNotEmpty().allMatch(line -> line.endsWith("} 0"));

        // 207 on a machine so busy that its one look is slow.
        given().get("/api/monitoring/health")
                .then()
                .statusCode(anyOf(equalTo(200), equalTo(207)))
                .body("checks.find { it.name == 'monitoring' }.details", containsString("disabled"))
                .body("checks.find { it.name == 'database' }.status", not(equalTo("fail")));
        List<String> looked = looks();
        assertThat(looked).anyMatch(line -> line.contains("\"server\"") && line.endsWith("} 1"));
        given().get("/api/monitoring/health").then().statusCode(anyOf(equalTo(200), equalTo(207)));

        assertThat(looks()).isEqualTo(looked);
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_lease"))
                .isZero();
    }
}
