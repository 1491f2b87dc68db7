package io.pgcaretaker.cleanup;

import static io.restassured.RestAssured.given;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is looked at every five minutes is first looked at when the service has started. */
@ServiceTest(Enforcing.class)
class FirstLookIT {

    PackagedService service;

    @Test
    void metricsOfSeldomLooksAreThereFromTheStart() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> given().get(service.management().resolve("/q/metrics"))
                                .asString(),
                        metrics -> metrics.contains("caretaker_cleanup_retention_lag_seconds{")
                                && metrics.contains("caretaker_cleanup_last_run{"));
    }
}
