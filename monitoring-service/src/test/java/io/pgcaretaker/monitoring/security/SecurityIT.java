package io.pgcaretaker.monitoring.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;

import io.pgcaretaker.monitoring.ConflictingEmailService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ServiceTest(ConflictingEmailService.class)
class SecurityIT {

    TestDatabase database;

    @BeforeEach
    void empty() {
        database.execute("delete from caretaker.security_event");
    }

    private static RequestSpecification as(String key) {
        return given().header("Authorization", "Bearer " + key).contentType("application/json");
    }

    private static ValidatableResponse report(String body) {
        return as(TestKeys.REPORTER)
                .body(body)
                .post("/api/monitoring/security/events")
                .then();
    }

    private long stored() {
        return database.queryLong("select count(*) from caretaker.security_event");
    }

    @Test
    void storesNothingPersonal() {
        report("""
                        {"event": "authn_login_fail", "datetime": "%s", "level": "WARN", "appid": "shop",
                         "user": "Joe.Bloggs@example.com", "source_ip": "203.0.113.77", "useragent": "curl/8",
                         "description": "User joe.bloggs failed", "request_method": "post",
                         "request_uri": "https://shop.example.com/login?token=geheim#x", "hostname": "web-1", "port": "443",
                         "protocol": "https", "host_ip": "10.0.0.1", "region": "eu", "geo": "NL"}
                        """.formatted(OffsetDateTime.now(ZoneOffset.ofHours(2))))
                .statusCode(201)
                .body("accepted", equalTo(1));

        assertThat(database.queryLong("""
                        select count(*)
                        from caretaker.security_event
                        where network = '203.0.113.0/24'
                          and request_path = '/login'
                          and request_method = 'POST'
                          and reported_by = 'report'
                          and account_hash ~ '^[0-9a-f]{24}$'
                          and security_event::text !~* 'joe|bloggs|203\\.0\\.113\\.77|geheim|web-1|curl|10\\.0\\.0\\.1'
                        """)).isOne();
    }

    @Test
    void sameAccountAndAddressHashAlike() {
        report("""
                        [{"event": "failed_login", "username": "joe ", "ip": "2001:db8::1"},
                         {"event": "AUTHN_LOGIN_FAIL:Joe", "sourceIp": "2001:0db8:0:0:0:0:0:1"}]
                        """).statusCode(201);

        assertThat(database.queryLong("select count(*) from (select distinct event, account_hash, address_hash, network"
                        + " from caretaker.security_event where network = '2001:db8:0::/48') s"))
                .isOne();
    }

    @ParameterizedTest
    @CsvSource({
        "failed_login,authn_login_fail",
        "Rate-Limit-Exceeded,excess_rate_limit_exceeded",
        "suspicious_activity,malicious_extraneous",
        "SQL_INJECTION_ATTEMPT,malicious_sqli",
        "unauthorized access,authz_fail",
        "authn_token_reuse:joe:abc,authn_token_reuse"
    })
    void applicationsNamesBecomeTheVocabularys(String reported, String stored) {
        report("{\"event\": \"" + reported + "\"}").statusCode(201);

        assertThat(database.queryLong("select count(*) from caretaker.security_event where event = '" + stored + "'"))
                .isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "[0]",
                "3",
                "\"x\"",
                "null",
                "{\"event\": ",
                "{\"event\": \"failed_login\", \"password\": \"x\"}",
                "{\"event\": \"failed_login\", \"datetime\": \"yesterday\"}",
                "{\"event\": {\"a\": 1}}"
            })
    void whatIsNotAnEventIsMalformed(String body) {
        report(body).statusCode(400).contentType("application/problem+json");
        assertThat(stored()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"event\": \"made_up\"}",
                "{\"event\": \"failed_login\", \"source_ip\": \"not.an.address\"}",
                "{\"event\": \"failed_login\", \"source_ip\": \"999.1.1.1\"}",
                "{\"event\": \"failed_login\", \"level\": \"loud\"}",
                "{\"event\": \"failed_login\", \"datetime\": \"2001-01-01T00:00:00Z\"}",
                "{\"event\": \"failed_login\", \"datetime\": \"2101-01-01T00:00:00Z\"}",
                "{\"event\": \"failed_login\", \"appid\": \"a\\u0000b\"}",
                "[{\"event\": \"failed_login\"}, {\"event\": \"made_up\"}]"
            })
    void whatBreaksARuleIsRefusedWhole(String body) {
        report(body).statusCode(422).contentType("application/problem+json");
        assertThat(stored()).isZero();
    }

    @Test
    void errorsNameTheEventAndTheField() {
        report("[{\"event\": \"failed_login\"}, {\"event\": \"made_up\", \"level\": \"loud\"}]")
                .statusCode(422)
                .body("errors.field", hasItem("[1].event"))
                .body("errors.field", hasItem("[1].level"));
    }

    @Test
    void controlCharactersAndNulInAPathDoNoHarm() {
        report("{\"event\": \"path_traversal\", \"path\": \"/a\\u0000/b\\n..\"}")
                .statusCode(201);

        assertThat(database.queryLong("select count(*) from caretaker.security_event where request_path = '/a/b..'"))
                .isOne();
    }

    @Test
    void repeatedKeyStoresNothingAgain() {
        String key = UUID.randomUUID().toString();
        String body = "[{\"event\": \"failed_login\"}, {\"event\": \"failed_login\"}]";
        for (int i = 0; i < 2; i++) {
            as(TestKeys.REPORTER)
                    .header("Idempotency-Key", key)
                    .body(body)
                    .post("/api/monitoring/security/events")
                    .then()
                    .statusCode(201)
                    .body("accepted", equalTo(2));
        }
        as(TestKeys.REPORTER)
                .header("Idempotency-Key", key)
                .body("{\"event\": \"failed_login\"}")
                .post("/api/monitoring/security/events")
                .then()
                .statusCode(422)
                .body("detail", containsString("Idempotency-Key"));

        assertThat(stored()).isEqualTo(2);
    }

    @Test
    void reportCountsAndRecommends() {
        StringBuilder batch = new StringBuilder("[{\"event\": \"rate_limit_exceeded\"},{\"event\": \"sql_injection\"}");
        for (int i = 0; i < 12; i++) {
            batch.append(",{\"event\": \"failed_login\", \"user\": \"user")
                    .append(i)
                    .append("\", \"ip\": \"198.51.100.")
                    .append(i)
                    .append("\"}");
        }
        report(batch.append(",{\"event\": \"login_success\", \"datetime\": \"")
                        .append(Instant.now().minus(3, ChronoUnit.HOURS))
                        .append("\"}]")
                        .toString())
                .statusCode(201);

        as(TestKeys.VIEWER)
                .get("/api/monitoring/security?hours=2&limit=5")
                .then()
                .statusCode(200)
                .body("report.summary.totalEvents", equalTo(14))
                .body("report.summary.criticalEvents", equalTo(1))
                .body("report.summary.rateLimitViolations", equalTo(1))
                .body("report.summary.suspiciousAttempts", equalTo(1))
                .body("report.summary.failedAuthentications", equalTo(12))
                .body("report.summary.accounts", equalTo(12))
                .body("report.events.size()", equalTo(5))
                .body("report.recommendations.severity", hasItem("critical"))
                .body("timestamp", containsString("T"));
        as(TestKeys.VIEWER).get("/api/monitoring/security").then().body("report.summary.totalEvents", equalTo(15));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hours=0", "hours=745", "hours=-1", "limit=501", "limit=-1"})
    void badParameterIsNamed(String query) {
        as(TestKeys.VIEWER)
                .get("/api/monitoring/security?" + query)
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo(query.substring(0, 5)));
    }

    @Test
    void auditFindsWhatIsWrongAndIsKept() {
        database.execute("""
                grant create on schema public to public;
                create table public.everybody (id int);
                grant select on public.everybody to public;
                create function public.runs_as_owner() returns int language sql security definer as 'select 1'
                """);
        String key = UUID.randomUUID().toString();

        String id = as(TestKeys.OPERATOR)
                .header("Idempotency-Key", key)
                .post("/api/monitoring/security/audit")
                .then()
                .statusCode(200)
                .body("checks.find { it.id == 'public-create' }.status", equalTo("finding"))
                .body("checks.find { it.id == 'public-create' }.findings[0].fix", containsString("revoke create"))
                .body("checks.find { it.id == 'public-tables' }.findings.object", hasItem("public.everybody"))
                .body("checks.find { it.id == 'security-definer' }.findings.object", hasItem("public.runs_as_owner()"))
                .body("checks.find { it.id == 'own-role' }.status", equalTo("finding"))
                .body("failed", greaterThanOrEqualTo(4))
                .extract()
                .path("id");

        as(TestKeys.OPERATOR)
                .header("Idempotency-Key", key)
                .post("/api/monitoring/security/audit")
                .then()
                .body("id", equalTo(id));
        as(TestKeys.VIEWER)
                .get("/api/monitoring/security/audit")
                .then()
                .statusCode(200)
                .body("id", equalTo(id));
    }

    @Test
    void auditTakesNoBodyThatItWouldNotHeed() {
        as(TestKeys.OPERATOR)
                .body("{\"checks\": [\"superusers\"]}")
                .post("/api/monitoring/security/audit")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("body"));
        as(TestKeys.OPERATOR)
                .body("{}")
                .post("/api/monitoring/security/audit")
                .then()
                .statusCode(200);
    }
}
