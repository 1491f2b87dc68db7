package io.pgcaretaker.email;

import static io.pgcaretaker.email.Api.awaitState;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.email.smtp.WebhookReceiver;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes this service with the rules as they are shipped, but for how long each must last: a server and a
 * receiver at fault make them fire. Skipped where Prometheus is not installed ({@code apt-get install prometheus}).
 */
@ServiceTest(ScriptedNeighbours.class)
class AlertRulesLiveIT {

    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
    private static final Path RULES = Path.of("..", "k8s", "components", "prometheus", "rules", "caretaker.yaml");

    ScriptedSmtp server;
    ScriptedNeighbours.Fallback fallback;
    WebhookReceiver receiver;
    TestDatabase database;

    PackagedService service;

    @TempDir
    Path folder;

    private String prometheus = "";

    @AfterEach
    void heal() {
        server.follow((step, recipient) -> Action.OK);
        fallback.close();
        receiver.answer(call -> 204);
    }

    private Process startPrometheus() throws IOException {
        Files.writeString(
                folder.resolve("rules.yaml"),
                Files.readString(RULES).replaceAll("for: \\w+", "for: 0s").replace("interval: 30s", "interval: 500ms"));
        Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
                rule_files: [rules.yaml]
                scrape_configs:
                  - job_name: caretaker-email-service
                    metrics_path: /q/metrics
                    static_configs:
                      - targets: ['127.0.0.1:%d']
                """.formatted(
                        service.management().getPort()));
        String address = "127.0.0.1:" + FreePort.find();
        prometheus = "http://" + address;
        return new ProcessBuilder(
                        PROMETHEUS.toString(),
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    private List<String> query(String expression, String label) {
        try {
            return RestAssured.given()
                    .queryParam("query", expression)
                    .get(prometheus + "/api/v1/query")
                    .path("data.result.metric." + label);
        } catch (Exception e) {
            // It does not listen yet, which REST-assured throws as the checked exception it is without declaring it.
            return List.of();
        }
    }

    private void untilFiring(String... alerts) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(query("ALERTS{alertstate=\"firing\"}", "alertname"))
                        .contains(alerts));
    }

    @Test
    void faultsOfServersAndReceiversMakeTheirAlertsFire() throws Exception {
        assumeTrue(Files.isExecutable(PROMETHEUS), "prometheus is not installed");
        Process process = startPrometheus();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(
                                    query("caretaker_email_webhook_total{outcome=\"given_up\"} == 0", "endpoint"))
                            .contains("silent"));

            server.follow((step, recipient) ->
                    step == Step.BANNER || step == Step.MAIL ? Action.say("421 4.3.2 down") : Action.OK);
            String waiting = send(plain("alert-down@x.test"));
            untilFiring("CaretakerMailTransportOpen", "CaretakerMailCircuitOpen");
            server.follow((step, recipient) -> Action.OK);
            awaitState(waiting, "sent");

            receiver.answer(call -> call.body().contains("alert-refused") ? 400 : 204);
            send(plain("alert-refused@x.test"));
            await().atMost(Duration.ofSeconds(30)).until(() -> refused(0) == 1);
            database.execute(
                    "update caretaker.webhook_event set attempt = 7, due_at = now() where last_error = 'it answered 400'");
            untilFiring("CaretakerWebhookGivenUp");
            assertThat(refused(8)).isEqualTo(1);
        } finally {
            process.destroyForcibly().waitFor();
            database.execute("delete from caretaker.webhook_event where last_error = 'it answered 400'");
        }
    }

    private long refused(int attempts) {
        return database.queryLong("select count(*) from caretaker.webhook_event w"
                + " join caretaker.email_recipient r on r.id = w.recipient_id"
                + " where r.address = 'alert-refused@x.test' and w.last_error = 'it answered 400' and w.attempt >= "
                + attempts);
    }
}
