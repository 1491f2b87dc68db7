package io.pgcaretaker.email.alertmanager;

import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Posts as Alertmanager 0.25 makes them, and with what newer ones add. */
@ServiceTest(ScriptedNeighbours.class)
class AlertmanagerIT {

    private static final String PATH = "/api/email/alertmanager";

    TestDatabase database;
    ScriptedSmtp server;

    @AfterEach
    void healAll() {
        server.follow((step, recipient) -> Action.OK);
    }

    private static Map<String, Object> alert(String instance, String status, String endsAt) {
        return Map.of(
                "status",
                status,
                "labels",
                Map.of("alertname", "HighLatency", "cluster", "eu", "instance", instance, "severity", "critical"),
                "annotations",
                Map.of("summary", "Latency on " + instance + " is <b>high</b>"),
                "startsAt",
                "2026-03-01T12:00:00.000Z",
                "endsAt",
                endsAt,
                "generatorURL",
                "http://prometheus.test/graph?g0.expr=up",
                "fingerprint",
                "f-" + instance);
    }

    private static Map<String, Object> firing(String instance) {
        return alert(instance, "firing", "0001-01-01T00:00:00Z");
    }

    private static Map<String, Object> post4(String receiver, String groupKey, Object... alerts) {
        Map<String, Object> body = new HashMap<>();
        body.put("version", "4");
        body.put("groupKey", groupKey);
        body.put("truncatedAlerts", 3);
        body.put("status", "firing");
        body.put("receiver", receiver);
        body.put("groupLabels", Map.of("alertname", "HighLatency", "cluster", "eu"));
        body.put("commonLabels", Map.of("alertname", "HighLatency", "cluster", "eu", "severity", "critical"));
        body.put("commonAnnotations", Map.of());
        body.put("externalURL", "http://alertmanager.test:9093");
        body.put("alerts", List.of(alerts));
        body.put("fieldOfTheFuture", Map.of("a", List.of(1)));
        return body;
    }

    private static List<String> ids(Map<String, Object> body) {
        return post(PATH, body).then().statusCode(200).extract().path("ids");
    }

    private List<ScriptedSmtp.Taken> taken(Predicate<String> recipient) {
        return server.taken().stream()
                .filter(mail -> recipient.test(mail.recipient()))
                .toList();
    }

    private static String header(ScriptedSmtp.Taken mail, String name) {
        return mail.text()
                .lines()
                .filter(line -> line.startsWith(name + ": "))
                .findFirst()
                .orElse("");
    }

    @Test
    void everyHumanOfTheReceiverGetsTheGroup() {
        List<String> ids = ids(post4("team", "{}:{group}", firing("a"), firing("b")));

        assertThat(ids).hasSize(2);
        ids.forEach(id -> awaitState(id, "sent"));
        get(ids.get(0)).then().body("subject", is("🔴 2 critical: HighLatency cluster=eu"));
        assertThat(get(ids.get(0)).<String>path("text"))
                .contains("2 firing", "FIRING: Latency on a is <b>high</b>", "instance=b", "And 3 more")
                .contains("Since 1 March 2026, 12:00 UTC", "http://alertmanager.test:9093");
        assertThat(get(ids.get(0)).<String>path("html"))
                .contains("&lt;b&gt;high")
                .doesNotContain("<b>high");
    }

    @Test
    void oneBadRecipientBlocksNobody() {
        server.follow((step, recipient) ->
                step == Step.RCPT && recipient.startsWith("bad-ops") ? Action.say("550 5.7.1 no") : Action.OK);

        List<String> ids = ids(post4("team", "{}:{bad}", firing("bad")));

        awaitState(ids.get(0), "sent");
        awaitState(ids.get(1), "failed");
    }

    @Test
    void receiverThatIsNotNamedGoesToTheOthersRecipients() {
        List<String> ids = ids(post4("pager", "{}:{default}", firing("default")));

        get(ids.get(0)).then().body("to[0]", is("anybody@x.test"));
        assertThat(ids).hasSize(1);
    }

    @Test
    void mailsOfAGroupAreOneThreadAndThoseOfAnotherAreNot() {
        ids(post4("one", "{}:{thread}", firing("t")));
        ids(post4("one", "{}:{thread}", alert("t", "resolved", "2026-03-01T12:05:00Z")));
        ids(post4("one", "{}:{other}", firing("t")));

        await().atMost(Duration.ofSeconds(20)).until(() -> mails("t").size() >= 3);
        List<String> roots = mails("t").stream()
                .map(mail -> header(mail, "References"))
                .sorted()
                .toList();
        assertThat(roots).hasSize(3).doesNotContain("");
        assertThat(roots.stream().distinct()).hasSize(2);
        assertThat(mails("t"))
                .allMatch(mail -> header(mail, "In-Reply-To")
                        .equals(header(mail, "References").replace("References", "In-Reply-To")));
    }

    private List<ScriptedSmtp.Taken> mails(String instance) {
        return taken(to -> to.equals("anybody@x.test")).stream()
                .filter(mail -> mail.text().contains("Latency on " + instance + " is"))
                .toList();
    }

    @Test
    void lostAnswerIsNoSecondMailAndTheRepeatAfterTheWindowIsOne() {
        Map<String, Object> body = post4("one", "{}:{retry}", firing("x"), firing("y"));
        Map<String, Object> turned = post4("one", "{}:{retry}", firing("y"), firing("x"));
        turned.put("externalURL", "http://other-replica.test:9093");

        List<String> first = ids(body);
        List<String> again = ids(turned);

        assertThat(again).isEqualTo(first);
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !ids(body).equals(first));
    }

    @Test
    void statedReasonMakesItExact() {
        Map<String, Object> body = post4("one", "{}:{reason}", firing("r"));
        body.put("notification_reason", "first notification");
        List<String> first = ids(body);
        database.execute("update caretaker.email_idempotency set created_at = now() - interval '1 hour'");

        assertThat(ids(body)).isEqualTo(first);
        assertThat(database.queryLong("select count(*) from caretaker.email_idempotency" + " where endpoint = '" + PATH
                        + "' and expires_at > now() + interval '20 days'"))
                .isEqualTo(1);
        body.put("notification_reason", "repeat interval elapsed");
        assertThat(ids(body)).isNotEqualTo(first);
    }

    @Test
    void newOrResolvedAlertOfTheSameGroupIsAMailAtOnce() {
        List<String> first = ids(post4("one", "{}:{change}", firing("c")));
        List<String> more = ids(post4("one", "{}:{change}", firing("c"), firing("d")));
        List<String> less =
                ids(post4("one", "{}:{change}", firing("c"), alert("d", "resolved", "2026-03-01T12:09:00Z")));

        assertThat(List.of(first, more, less).stream().distinct()).hasSize(3);
    }

    @Test
    void databaseThatTakesNothingIsA503AndTheRepetitionIsTaken() throws SQLException {
        Map<String, Object> body = post4("one", "{}:{readonly}", firing("ro"));
        readOnly("on");
        try {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> post(PATH, body)
                            .then()
                            .statusCode(503)
                            .contentType("application/problem+json")
                            .body("detail", org.hamcrest.Matchers.containsString("post it again")));
            post("/emails", io.pgcaretaker.email.Api.plain("ro@x.test"))
                    .then()
                    .statusCode(503)
                    .body("name", is("service_unavailable"));
        } finally {
            readOnly("off");
        }

        List<String> ids = ids(body);
        awaitState(ids.get(0), "sent");
    }

    /** For every connection of the service; ours is allowed to turn it off again. */
    private void readOnly(String on) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set session characteristics as transaction read write");
            statement.execute(
                    "alter database " + connection.getCatalog() + " set default_transaction_read_only = " + on);
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()");
        }
    }

    @Test
    void onlyWhatIsNoPostOfVersion4IsRefused() {
        Map<String, Object> old = post4("one", "{}", firing("a"));
        old.put("version", "3");
        Map<String, Object> empty = post4("one", "{}");

        for (Object body :
                List.of(old, empty, Map.of(), List.of(), "{", Map.of("version", "4", "alerts", List.of(1)))) {
            post(PATH, body).then().statusCode(400).contentType("application/problem+json");
        }
        ids(Map.of("version", "4", "groupKey", "g", "alerts", List.of(Map.of())));
    }

    @Test
    void hostileLabelsStayInTheirPlace() {
        Map<String, Object> evil = new HashMap<>(post4("one", "{}:{\r\nBcc: e@evil.test}", firing("\r\nBcc: x\u202E")));
        evil.put("groupLabels", Map.of("alertname", "A\r\nBcc: e@evil.test", "b", "{mail.receiver}"));
        evil.put("externalURL", "javascript:alert(1)");

        String id = ids(evil).get(0);

        awaitState(id, "sent");
        get(id).then().body("subject", is("🔴 1 critical: A Bcc: e@evil.test b={mail.receiver}"));
        assertThat(get(id).<String>path("html")).doesNotContain("javascript:").contains("{mail.receiver}");
        assertThat(taken(recipient -> recipient.contains("evil"))).isEmpty();
    }
}
