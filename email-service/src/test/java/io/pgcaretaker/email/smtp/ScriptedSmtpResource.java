package io.pgcaretaker.email.smtp;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** The service against a {@link ScriptedSmtp}, with pauses short enough to wait for. */
public class ScriptedSmtpResource implements QuarkusTestResourceLifecycleManager {

    private final ScriptedSmtp server = new ScriptedSmtp();
    private final Fallback fallback = new Fallback(new ScriptedSmtp());
    private final ConflictingNeighbour neighbour = new ConflictingNeighbour();
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
    public Map<String, String> start() {
        fallback.close();
        return Map.ofEntries(
                // The key itself: SMTP_URL is GreenMail's, whose resource is there for every test of the module.
                Map.entry("caretaker.email.smtp-url", "smtp://127.0.0.1:" + server.port()),
                Map.entry(
                        "caretaker.email.smtp-fallbacks",
                        "smtp://127.0.0.1:" + fallback.server().port()),
                Map.entry("quarkus.rest-client.email-service.url", "http://127.0.0.1:" + neighbour.port()),
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
                Map.entry("caretaker.email.digests.daily", "daily@x.test"),
                Map.entry("caretaker.email.digests.weekly", "weekly@x.test"),
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
    public void inject(TestInjector injector) {
        injector.injectIntoFields(receiver, new TestInjector.MatchesType(WebhookReceiver.class));
        injector.injectIntoFields(fallback, new TestInjector.MatchesType(Fallback.class));
        injector.injectIntoFields(server, new TestInjector.MatchesType(ScriptedSmtp.class));
    }

    @Override
    public void stop() {
        server.close();
        fallback.server().close();
        neighbour.close();
        receiver.close();
    }
}
