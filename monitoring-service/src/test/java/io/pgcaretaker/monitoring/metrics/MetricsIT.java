package io.pgcaretaker.monitoring.metrics;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import io.pgcaretaker.monitoring.ConflictingEmailService;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestKeys;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@ServiceTest(ConflictingEmailService.class)
class MetricsIT {

    PackagedService service;

    private String exposition() {
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> given().get(service.management().resolve("/metrics"))
                                .asString(),
                        text -> text.contains("pg_locks_count{")
                                && text.contains("pg_settings_max_connections ")
                                && text.contains("pg_database_size_bytes{"));
    }

    @Test
    void whoAsksForTheHeadOnlyIsAnsweredAsByAnExporter() {
        given().head(service.management().resolve("/metrics"))
                .then()
                .statusCode(200)
                .header("Content-Type", containsString("text/plain"))
                .header("Content-Length", not("0"));
        given().head(service.management().resolve("/probe?target=nobody"))
                .then()
                .statusCode(404);
    }

    @Test
    void probeTakesTheNameOfATargetAndNoAddress() {
        given().get(service.management().resolve("/probe"))
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("target"));
        given().get(service.management().resolve("/probe?target=postgresql://postgres@localhost/postgres"))
                .then()
                .statusCode(404);
    }

    @Test
    void reportHasFivePartsEachWithItsAge() {
        exposition();
        given().header("Authorization", "Bearer " + TestKeys.VIEWER)
                .get("/api/monitoring/metrics")
                .then()
                .statusCode(200)
                .body("connections.status", equalTo("ok"))
                .body("connections.ageSeconds", notNullValue())
                .body("connections.data.used", greaterThan(0))
                .body("connections.data.limit", greaterThan(0))
                .body("queries.status", equalTo("partial"))
                .body("queries.notes", hasItem(startsWith("statements skipped: needs the extension")))
                .body("storage.data.databaseBytes", greaterThan(1_000_000f))
                .body("storage.data.largestTables.size()", greaterThan(0))
                .body("tokens.status", equalTo("skipped"))
                .body("resources.data.commits", greaterThan(0))
                .body("resources.data.jvm.threads", greaterThan(0));
    }

    @Test
    void expositionIsWellFormedAndCountersKeepTheirNames() {
        String text = exposition();

        Map<String, String> types = new HashMap<>();
        String family = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                family = line.split(" ", 4)[2];
                assertThat(types.put(family, line.split(" ", 4)[3]))
                        .as("one block of " + family)
                        .isNull();
            } else if (!line.startsWith("#")) {
                assertThat(line).matches("[a-z_][a-z0-9_]*(\\{.*\\})? \\S+");
                String name = line.split("[{ ]", 2)[0];
                boolean isHistogram = "histogram".equals(types.get(family));
                assertThat(isHistogram ? name.replaceFirst("_(bucket|sum|count)$", "") : name)
                        .isEqualTo(family);
            }
        }
        assertThat(types)
                .containsEntry("pg_stat_database_xact_commit", "counter")
                .containsEntry("pg_stat_database_numbackends", "gauge")
                .containsEntry("pg_stat_bgwriter_checkpoints_timed_total", "counter")
                .containsEntry("pg_settings_shared_buffers_bytes", "gauge")
                .containsEntry("process_cpu_seconds_total", "counter");
        for (String name : List.of(
                "pg_up",
                "pg_static",
                "pg_postmaster_start_time_seconds",
                "pg_stat_activity_count",
                "pg_stat_activity_max_tx_duration",
                "pg_locks_count",
                "pg_database_connection_limit",
                "pg_replication_lag_seconds",
                "pg_replication_is_replica",
                "pg_stat_archiver_archived_count",
                "caretaker_archive_oldest_waiting_seconds",
                "pg_stat_bgwriter_checkpoints_timed_total",
                "pg_wal_segments",
                "pg_roles_connection_limit",
                "pg_scrape_collector_success",
                "caretaker_collector_age_seconds",
                "caretaker_collector_age_limit_seconds")) {
            assertThat(types).containsKey(name);
        }
        assertThat(text)
                .contains("\npg_up 1\n")
                .contains("pg_stat_database_xact_commit{datid=\"0\",datname=\"\"}")
                .contains("pg_settings_autovacuum 1");
    }

    @Test
    void settingsHaveTheirUnitsConverted() {
        String text = exposition();

        assertThat(text)
                .contains("\npg_settings_max_connections 300\n")
                .contains("\npg_settings_statement_timeout_seconds ")
                .contains("\npg_settings_autovacuum_naptime_seconds 3600\n")
                .contains("\npg_settings_log_min_duration_statement_seconds -1\n")
                .contains("\npg_settings_wal_segment_size_bytes 16777216\n");
    }

    @Test
    void ownMetricsAreBesideIt() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(given().accept("text/plain")
                                .get(service.management().resolve("/q/metrics"))
                                .asString())
                        .contains("caretaker_monitoring_evaluations_total"));
    }

    @Test
    void checksSayWhatTheySaw() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> given().header("Authorization", "Bearer " + TestKeys.VIEWER)
                        .get("/api/monitoring/checks?status=pending")
                        .then()
                        .body("checks.size()", equalTo(0)));
        given().header("Authorization", "Bearer " + TestKeys.VIEWER)
                .get("/api/monitoring/checks")
                .then()
                .statusCode(200)
                .body("checks.findAll { it.status == 'failed' }.id", equalTo(List.of()));
        given().header("Authorization", "Bearer " + TestKeys.VIEWER)
                .get("/api/monitoring/checks?status=fine")
                .then()
                .statusCode(400);
    }
}
