package io.pgcaretaker.cleanup;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.sample.SampleApplication;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service over REST on the sample application; the slots' own runs are what the first test waits for. */
@ServiceTest(Enforcing.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServiceIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static boolean loaded;

    TestDatabase database;

    @BeforeEach
    void loadSampleOnce() throws Exception {
        if (!loaded) {
            try (Connection connection = database.connect()) {
                SampleApplication.load(connection);
            }
            loaded = true;
        }
    }

    @Test
    @Order(1)
    void manualRunDeletesWhatIsExpiredAndTellsSo() {
        given().headers(as(TestKeys.VIEWER))
                .get("/api/cleanup/policies")
                .then()
                .statusCode(200)
                .body("policies.name", hasItem("soft-deleted-users"))
                .body("policies.state", everyItem(equalTo("armed")));
        plan("soft-deleted-users")
                .then()
                .statusCode(200)
                .body("rows", equalTo(1040))
                .body("breaker.verdict", equalTo("pass"))
                .body("dependents", hasSize(3));

        Response begun =
                operator().header("Idempotency-Key", "first").post("/api/cleanup/policies/soft-deleted-users/runs");
        Response again =
                operator().header("Idempotency-Key", "first").post("/api/cleanup/policies/soft-deleted-users/runs");

        begun.then().statusCode(202);
        assertThat(again.path("id").toString()).isEqualTo(begun.path("id").toString());
        String id = begun.path("id");
        awaitState(id, "completed");
        run(id).then().body("tables.\"public.users\"", equalTo(1040)).body("stopReason", equalTo("done"));
        given().headers(as(TestKeys.VIEWER))
                .get("/api/cleanup/ledger/verify")
                .then()
                .statusCode(200)
                .body("intact", equalTo(true));
        assertThat(database.queryLong(
                        "select count(*) from caretaker.cleanup_mail_intent where template = 'run-report'"))
                .isEqualTo(1);
        assertThat(database.queryLong(
                        "select (variables ->> 'rowsDeleted')::bigint from caretaker.cleanup_mail_intent"))
                .isEqualTo(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"));
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_mail_intent m"
                        + " join caretaker.cleanup_run r on r.id::text = m.variables ->> 'runId'"
                        + " where (m.variables ->> 'cutoff')::timestamptz = r.cutoff"))
                .as("the report names the run's own cutoff")
                .isEqualTo(1);
    }

    private Response plan(String policy) {
        return operator().post("/api/cleanup/policies/" + policy + "/plan");
    }

    @Test
    void restoreInsideTheWindowGivesTheUserBack() throws Exception {
        String user = idOf("user1101");

        restore(user).then().statusCode(200).body("state", equalTo("restored"));

        assertThat(
                        database.queryLong(
                                "select count(*) from users where username = 'user1101' and not is_deleted and deleted_at is null"))
                .isEqualTo(1);
        restore(user).then().statusCode(409).body("detail", containsString("not deleted"));
    }

    @Test
    void restoreIsRefusedWhenTheEmailIsTaken() throws Exception {
        restore(idOf("user1100")).then().statusCode(409).body("detail", containsString("is taken by another row"));
    }

    @Test
    void restoreIsRefusedWhenTheWindowIsOverOrTheRowIsGone() {
        database.execute("insert into users (id, email, username, password_hash, is_deleted, deleted_at)"
                + " values ('late', 'late@example.com', 'late', 'x', true, now() - interval '40 days')");

        restore("late").then().statusCode(409).body("detail", containsString("window is over"));
        restore("nobody").then().statusCode(409).body("detail", containsString("not there"));
        database.execute("delete from users where id = 'late'");
    }

    @Test
    void aHeldRowStaysUntilTheHoldIsReleased() {
        database.execute("insert into users (id, email, username, password_hash, is_deleted, deleted_at)"
                + " values ('held', 'held@example.com', 'held', 'x', true, now() - interval '40 days')");
        String body =
                "{\"policy\": \"soft-deleted-users\", \"key\": \"held\", \"caseId\": \"C-1\", \"reason\": \"court\"}";
        Response placed = operator().body(body).post("/api/cleanup/holds");
        placed.then().statusCode(201).body("id", notNullValue()).body("guarded", equalTo(true));
        assertThatThrownBy(() -> database.execute("delete from users where id = 'held'"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        operator().body(body).post("/api/cleanup/holds").then().statusCode(200).body("id", equalTo(placed.path("id")));

        awaitState(begin("soft-deleted-users"), "completed");
        assertThat(database.queryLong("select count(*) from users where id = 'held'"))
                .isEqualTo(1);

        operator()
                .post("/api/cleanup/holds/" + placed.path("id") + "/release")
                .then()
                .statusCode(200);
        operator()
                .post("/api/cleanup/holds/" + placed.path("id") + "/release")
                .then()
                .statusCode(409);
        awaitState(begin("soft-deleted-users"), "completed");
        assertThat(database.queryLong("select count(*) from users where id = 'held'"))
                .isZero();
        given().headers(as(TestKeys.VIEWER))
                .get("/api/cleanup/holds")
                .then()
                .statusCode(200)
                .body("holds", hasSize(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /api/cleanup/policies/none/runs                                  |                  | 404
            GET  | /api/cleanup/policies/none/notices                               |                  | 404
            POST | /api/cleanup/policies/none/notices/retry                         |                  | 404
            POST | /api/cleanup/policies/none/plan                                  |                  | 404
            POST | /api/cleanup/policies/expired-sessions/restore                   | {"key": "a"}     | 409
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {}               | 422
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key": []}      | 422
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key": {"x":1}} | 422
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key":          | 400
            POST | /api/cleanup/ledger/replay                                       | {"digests":["x"]} | 422
            POST | /api/cleanup/ledger/replay                                       | {}               | 409
            GET  | /api/cleanup/ledger/erasures?size=0                              |                  | 400
            POST | /api/cleanup/vacuum                                              | {"tables":["users","none"]} | 422
            POST | /api/cleanup/vacuum                                              | {}               | 422
            POST | /api/cleanup/holds                                               | {}               | 422
            POST | /api/cleanup/holds   | {"policy":"none","key":"1","caseId":"c","reason":"r"}       | 422
            GET  | /api/cleanup/runs?page=-1                                        |                  | 400
            GET  | /api/cleanup/runs?size=0                                         |                  | 400
            GET  | /api/cleanup/runs/00000000-0000-0000-0000-000000000000           |                  | 404
            GET  | /api/cleanup/runs/none                                           |                  | 404
            GET  | /api/cleanup/runs?page=x                                         |                  | 400
            GET  | /api/cleanup/runs?policy=%00                                     |                  | 400
            GET  | /api/cleanup/runs?polcy=expired-sessions                         |                  | 400
            GET  | /api/cleanup/policies?page=1                                     |                  | 400
            GET  | /api/cleanup/archives/missing?after=1                            |                  | 400
            GET  | /api/cleanup/archives/missing?run=1                              |                  | 400
            POST | /api/cleanup/holds                                               | []               | 400
            POST | /api/cleanup/holds                                               | {"caseId":[]}    | 400
            POST | /api/cleanup/holds                                               | {"bogus":1}      | 400
            POST | /api/cleanup/holds   | {"policy":"soft-deleted-users","key":"1","caseId":"c","reason":"\\u0000"} | 422
            POST | /api/cleanup/holds   | {"policy":"soft-deleted-users","key":"\\u0000","caseId":"c","reason":"r"} | 422
            POST | /api/cleanup/switch/stop                                         | {"reason":"\\u0000"} | 422
            POST | /api/cleanup/switch/stop                                         | "x"              | 400
            POST | /api/cleanup/ledger/replay                                       | {"dryrun":true}  | 400
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key":"1","rehersal":true} | 400
            POST | /api/cleanup/ledger/replay                                       | {"dryRun":"true"} | 400
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key":"1","rehearsal":""} | 400
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key":"1","rehearsal":1} | 400
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"key":"1"} {"rehearsal":true} | 400
            POST | /api/cleanup/policies/soft-deleted-users/restore                 | {"rehearsal":true,"key":"1","rehearsal":false} | 400
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {"maxRows":5.5}  | 400
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {"maxRows":"5"}  | 400
            POST | /api/cleanup/vacuum                                              | {"tables":[null]} | 422
            POST | /api/cleanup/vacuum                                              | {"tables":["\\u0000"]} | 422
            POST | /api/cleanup/ledger/replay                                       | {"digests":[null]} | 422
            POST | /api/cleanup/policies/soft-deleted-users/runs                    | {"dryRun":true}  | 400
            POST | /api/cleanup/policies/soft-deleted-users/plan                    | {"retention":"P1D"} | 400
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/pause     | {}               | 404
            POST | /api/cleanup/archives/x/restore                                  | {"fireTrigger":true} | 400
            POST | /api/cleanup/archives/x/restore                                  |                  | 404
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {"maxRows":"x"}  | 400
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {"maxRows":0}    | 422
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {"maxRows":9223372036854775807} | 422
            GET  | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/progress  |                  | 404
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/pause     |                  | 404
            POST | /api/cleanup/runs/00000000-0000-0000-0000-000000000000/approve   | {}               | 422
            POST | /api/cleanup/holds/00000000-0000-0000-0000-000000000000/release  |                  | 404
            """)
    void badInputIsAnsweredWithAProblem(String method, String path, String body, int status) {
        RequestSpecification request = operator().urlEncodingEnabled(false);
        (body == null ? request : request.body(body))
                .request(method, path)
                .then()
                .statusCode(status)
                .contentType("application/problem+json");
    }

    /** By the answer alone somebody must be able to ask rightly. */
    @Test
    void whatIsWrongIsNamed() {
        operator().get("/api/cleanup/ledger?run=x").then().statusCode(400).body("errors[0].field", equalTo("run"));
        operator()
                .body("{\"key\": [1]}")
                .post("/api/cleanup/policies/soft-deleted-users/restore")
                .then()
                .statusCode(422)
                .body("errors[0].rule", equalTo("must have a value for each of [id], alone or as {\"id\": …}"));
        operator()
                .body("{\"tables\": [\"users\", \"nobodys\"]}")
                .post("/api/cleanup/vacuum")
                .then()
                .statusCode(422)
                .body("errors[0].rule", containsString("'nobodys' is not"));
    }

    @Test
    void aReasonThatIsNoJsonIsNoReason() {
        given().headers(as(TestKeys.OPERATOR))
                .contentType("text/plain")
                .body("{}")
                .post("/api/cleanup/switch/stop")
                .then()
                .statusCode(415)
                .contentType("application/problem+json");
    }

    @Test
    void aRestoreLinkThatIsNoneNeedsNoKeyAndGetsAPage() {
        for (String method : List.of("GET", "POST")) {
            given().accept("*/*")
                    .request(method, "/api/cleanup/restore/AAAA?added=on-the-way")
                    .then()
                    .statusCode(404)
                    .contentType("text/html")
                    .header("Referrer-Policy", "no-referrer")
                    .body(containsString("This link does not work"));
        }
    }

    @Test
    void aPolicyThatTellsNobodyHasNoNotices() {
        given().headers(as(TestKeys.VIEWER))
                .get("/api/cleanup/policies/soft-deleted-users/notices")
                .then()
                .statusCode(200)
                .body("open.size()", equalTo(0));
        operator()
                .post("/api/cleanup/policies/soft-deleted-users/notices/retry")
                .then()
                .statusCode(200)
                .body("notices", equalTo(0));
    }

    @Test
    void stateThatDoesNotAllowItIsAConflict() {
        String id = begin("expired-sessions");
        awaitState(id, "completed");

        operator().post("/api/cleanup/runs/" + id + "/pause").then().statusCode(409);
        operator()
                .body("{\"maxRows\": 5}")
                .post("/api/cleanup/runs/" + id + "/approve")
                .then()
                .statusCode(409);
        operator()
                .header("Idempotency-Key", "first")
                .post("/api/cleanup/policies/expired-sessions/runs")
                .then()
                .statusCode(409);
    }

    /** A batch may keep its run's row for seconds, a partition's longer: just when somebody wants to stop that run. */
    @Test
    void aRunWhoseRowABatchKeepsIsSaidToBeBusy() throws Exception {
        String id = UUID.randomUUID().toString();
        database.execute(
                "insert into caretaker.cleanup_run (id, policy, policy_hash, mode, trigger, slot, requested_by, state)"
                        + " values ('" + id + "', 'of-nobody', '', 'enforce', 'manual', now(), 'test', 'paused')");
        try (OpenTransaction batch = OpenTransaction.begin(
                database, "select 1 from caretaker.cleanup_run where id = '" + id + "' for update")) {
            operator()
                    .post("/api/cleanup/runs/" + id + "/cancel")
                    .then()
                    .statusCode(503)
                    .header("Retry-After", notNullValue())
                    .contentType("application/problem+json");
            batch.rollback();
        }
        operator().post("/api/cleanup/runs/" + id + "/cancel").then().statusCode(200);
    }

    /** As providers of databases do when a disk is full. */
    @Test
    void aDatabaseThatTakesNoWritesIsSaidToBeSo() {
        String name = "test_switch_read_only";
        database.execute("create procedure " + name + "(value text) language plpgsql as $$ begin"
                + " execute format('alter database %I set default_transaction_read_only = %s', current_database(), value);"
                + " perform pg_terminate_backend(pid) from pg_stat_activity"
                + "   where datname = current_database() and pid <> pg_backend_pid(); end $$");
        database.execute("call " + name + "('on')");
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> operator()
                            .post("/api/cleanup/policies/expired-sessions/runs")
                            .then()
                            .statusCode(503)
                            .body("title", equalTo("Database read-only")));
        } finally {
            database.execute("set transaction read write; call " + name + "('off'); drop procedure " + name);
        }
    }

    /** Sessions keep what was set as they were begun: those that are used all the time went on to take no writes. */
    @Test
    void whatWasSetOnTheDatabaseAndTakenBackIsForgotten() {
        String set = "do $$ begin execute format('alter database %%I set default_transaction_read_only = %s',"
                + " current_database()); end $$";
        database.execute(set.formatted("on")
                + "; select pg_terminate_backend(pid) from pg_stat_activity"
                + " where datname = current_database() and pid <> pg_backend_pid()");
        try {
            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> stop(503));
        } finally {
            database.execute("set transaction read write; " + set.formatted("off"));
        }

        String takenBack = "timestamptz 'epoch' + interval '1 microsecond' * "
                + database.queryLong("select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
        Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .until(() -> database.queryLong("select count(*) from pg_stat_activity where application_name ="
                                + " 'caretaker-cleanup' and datname = current_database() and backend_start < "
                                + takenBack)
                        == 0);
        stop(200);
        operator().post("/api/cleanup/switch/release").then().statusCode(200);
    }

    private void stop(int status) {
        operator()
                .contentType("application/json")
                .body("{\"reason\": \"test\"}")
                .post("/api/cleanup/switch/stop")
                .then()
                .statusCode(status);
    }

    /** As when the server is started anew: what is listed by Hibernate, too, may be asked for again. */
    @ParameterizedTest
    @CsvSource({"holds, caretaker.legal_hold", "runs, caretaker.cleanup_run"})
    void aSessionThatIsLostAmidAListIsNoErrorOfOurs(String list, String table) throws Exception {
        try (OpenTransaction owner =
                OpenTransaction.begin(database, "lock table " + table + " in access exclusive mode")) {
            CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> given().headers(as(TestKeys.VIEWER))
                    .get("/api/cleanup/" + list)
                    .statusCode());
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where wait_event_type = 'Lock' and query ilike '%select%placed%' or wait_event_type = 'Lock'"
                        + " and query ilike '%select%stop_reason%'");
                return status.isDone();
            });
            owner.rollback();

            assertThat(status.join()).isEqualTo(503);
        }
    }

    /** Each event is the run as it was then; the last says how it ended, and then the stream ends. */
    @Test
    void progressIsToldUntilTheRunIsOver() {
        String id = begin("expired-sessions");

        String events = given().headers(as(TestKeys.VIEWER))
                .accept("text/event-stream")
                .get("/api/cleanup/runs/" + id + "/progress")
                .then()
                .statusCode(200)
                .contentType("text/event-stream")
                .extract()
                .asString();

        List<JsonPath> told = events.lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> JsonPath.from(line.substring("data:".length())))
                .toList();
        assertThat(told)
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getString("run")).isEqualTo(id));
        assertThat(told.get(told.size() - 1).getString("state")).isEqualTo("completed");
        given().headers(as(TestKeys.VIEWER))
                .accept("application/json")
                .get("/api/cleanup/runs/" + id + "/progress")
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("state", equalTo("completed"));
        assertThat(told.get(told.size() - 1).getLong("rows"))
                .isEqualTo(run(id).jsonPath().getLong("rowsDeleted"));
    }

    @Test
    void vacuumTakesDeadRowsAwayAndSaysHowLongItTook() {
        database.execute(
                "create table worn as select n from generate_series(1, 1000) as n; delete from worn where n > 10");

        operator()
                .body("{\"tables\": [\"public.worn\"]}")
                .post("/api/cleanup/vacuum")
                .then()
                .statusCode(200)
                .body("tables.table", hasItem("public.worn"))
                .body("tables[0].state", equalTo("vacuumed"))
                .body("tables[0].millis", greaterThanOrEqualTo(0));

        assertThat(database.queryLong("select reltuples::bigint from pg_class where relname = 'worn'"))
                .as("analyzed")
                .isEqualTo(10);
    }

    /** A warning to PostgreSQL, and no success. */
    @Test
    void aTableThatSomebodyUsesIsSaidToHaveBeenPassedOver() throws Exception {
        database.execute("create table used (id int)");
        try (OpenTransaction user = OpenTransaction.begin(database, "lock table used in share update exclusive mode")) {
            operator()
                    .body("{\"tables\": [\"used\"]}")
                    .post("/api/cleanup/vacuum")
                    .then()
                    .statusCode(200)
                    .body("tables[0].state", equalTo("skipped"))
                    .body("tables[0].why", containsString("in use"));
            user.rollback();
        }
    }

    @Test
    void statusNamesTheLastRunsAndWhenTheServiceBegan() {
        Instant now = Instant.now();
        awaitState(begin("expired-sessions"), "completed");

        Response status = given().headers(as(TestKeys.VIEWER)).get("/api/cleanup/status");

        assertThat(Instant.parse(status.path("startedAt"))).isBefore(now);
        status.then()
                .statusCode(200)
                .body("service", equalTo("cleanup-service"))
                .body("details.stopped", equalTo(false))
                .body("details.lastRuns.policy", hasItem("expired-sessions"))
                .body("details.lastRuns.find { it.policy == 'expired-sessions' }.state", equalTo("completed"))
                .body("details.lastRuns.find { it.policy == 'expired-sessions' }.startedAt", notNullValue())
                .body("details.needsApproval", hasSize(0))
                .body("details.applicationLatency.state", equalTo("unknown"));
    }

    private String begin(String policy) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> operator().post("/api/cleanup/policies/" + policy + "/runs"), r -> r.statusCode() == 202)
                .path("id");
    }

    /** REST-assured compiles a path each time it reads one: what is asked again and again is read by Jackson. */
    private static void awaitState(String id, String state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> JSON.readTree(run(id).asString()).path("state").asText(), state::equals);
    }

    private static Response run(String id) {
        return given().headers(as(TestKeys.VIEWER)).get("/api/cleanup/runs/" + id);
    }

    private Response restore(String key) {
        return operator().body("{\"key\": \"" + key + "\"}").post("/api/cleanup/policies/soft-deleted-users/restore");
    }

    private String idOf(String username) throws SQLException {
        return SampleRows.texts(database, "select id from users where username = '" + username + "' and is_deleted")
                .first();
    }

    private static RequestSpecification operator() {
        return given().headers(as(TestKeys.OPERATOR)).contentType("application/json");
    }

    private static Map<String, String> as(String key) {
        return Map.of("Authorization", "Bearer " + key);
    }
}
