package io.pgcaretaker.email.smtp;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** The service against a {@link ScriptedSmtp}, with pauses short enough to wait for. */
public class ScriptedSmtpResource implements QuarkusTestResourceLifecycleManager {

    private final ScriptedSmtp server = new ScriptedSmtp();

    @Override
    public Map<String, String> start() {
        return Map.of(
                // The key itself: SMTP_URL is GreenMail's, whose resource is there for every test of the module.
                "caretaker.email.smtp-url", "smtp://127.0.0.1:" + server.port(),
                "caretaker.email.delivery.first-retry", "300ms",
                "caretaker.email.delivery.send-deadline", "1s",
                "caretaker.email.delivery.lease", "2s",
                "caretaker.email.delivery.circuit-pause", "300ms",
                "caretaker.email.delivery.circuit-longest-pause", "600ms",
                "caretaker.email.delivery.poll-interval", "1s",
                "caretaker.email.delivery.measure-interval", "1s");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(server, new TestInjector.MatchesType(ScriptedSmtp.class));
    }

    @Override
    public void stop() {
        server.close();
    }
}
