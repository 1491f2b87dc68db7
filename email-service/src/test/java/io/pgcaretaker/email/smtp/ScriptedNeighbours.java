package io.pgcaretaker.email.smtp;

import io.pgcaretaker.testing.Surroundings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The service against a {@link ScriptedSmtp}, with pauses short enough to wait for. */
public final class ScriptedNeighbours implements Surroundings {

    private final ScriptedSmtp server = new ScriptedSmtp();
    private final Fallback fallback = new Fallback(new ScriptedSmtp());
    private final WebhookReceiver receiver = new WebhookReceiver();

    /** The second way out, which is closed until a test opens it. */
    public record Fallback(ScriptedSmtp server) {
        public void close() {
            server.follow((step, recipient) -> step == ScriptedSmtp.Step.BANNER || step == ScriptedSmtp.Step.MAIL
                    ? ScriptedSmtp.Action.say("421 4.3.2 not needed")
                    : ScriptedSmtp.Action.OK);
        }
    }

    @Override
    public Map<String, String> settings() {
        fallback.close();
        return Map.ofEntries(
                Map.entry("SMTP_URL", "smtp://127.0.0.1:" + server.port()),
                Map.entry(
                        "caretaker.email.smtp-fallbacks",
                        "smtp://127.0.0.1:" + fallback.server().port()),
                Map.entry("EMAIL_TEMPLATES", Path.of("src", "test", "mounted").toString()),
                Map.entry("caretaker.email.delivery.first-retry", "300ms"),
                Map.entry("caretaker.email.delivery.send-deadline", "1s"),
                Map.entry("caretaker.email.delivery.lease", "2s"),
                Map.entry("caretaker.email.delivery.circuit-pause", "300ms"),
                Map.entry("caretaker.email.delivery.circuit-longest-pause", "600ms"),
                Map.entry("caretaker.email.delivery.poll-interval", "1s"),
                Map.entry("caretaker.email.delivery.measure-interval", "1s"),
                Map.entry("caretaker.email.alertmanager.recipients", "anybody@x.test"),
                Map.entry("caretaker.email.alertmanager.receivers.team", "Ops <good-ops@x.test>,bad-ops@x.test"),
                Map.entry("caretaker.email.senders.send", "@acme.test,Only@One.test"),
                Map.entry("caretaker.email.on-unknown.test", "hold"),
                Map.entry("caretaker.email.rates.keys.view", "5"),
                Map.entry("caretaker.email.delivery.tidy-interval", "1s"),
                Map.entry("caretaker.email.digests.roll-up-after", "500ms"),
                // Each is told twice, as by a second replica.
                Map.entry("caretaker.email.digests.daily", "daily@x.test,Daily@x.test"),
                Map.entry("caretaker.email.digests.weekly", "weekly@x.test,Weekly@x.test,last@x.test"),
                Map.entry("caretaker.email.public-url", "https://mail.acme.test/"),
                Map.entry("caretaker.email.rates.domains.\"paced.test\"", "6"),
                Map.entry("caretaker.email.webhook-deadline", "1s"),
                Map.entry("caretaker.email.webhooks.app.url", receiver.url("/app?token=HOOKTOKEN")),
                Map.entry(
                        "caretaker.email.webhooks.app.secrets",
                        WebhookReceiver.SECRET + "," + WebhookReceiver.OLD_SECRET),
                Map.entry("caretaker.email.webhooks.silent.url", receiver.url("/silent")),
                Map.entry("caretaker.email.webhooks.silent.secrets", WebhookReceiver.SECRET),
                Map.entry("caretaker.email.webhooks.silent.events", "email.bounced,email.sent"),
                Map.entry("caretaker.email.alertmanager.repeat-window", "3s"));
    }

    @Override
    public List<Object> parts() {
        return List.of(server, fallback, receiver);
    }

    @Override
    public void close() {
        server.close();
        fallback.server().close();
        receiver.close();
    }
}
