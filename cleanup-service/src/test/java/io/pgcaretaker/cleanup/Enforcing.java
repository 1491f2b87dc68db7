package io.pgcaretaker.cleanup;

import io.pgcaretaker.testing.Surroundings;
import java.util.Map;

/** Enforces at once, and mails to somebody. */
public final class Enforcing implements Surroundings {

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "CLEANUP_MODE", "enforce",
                "ALERT_EMAIL", "ops@example.com",
                "caretaker.cleanup.poll-interval", "0.2s",
                "caretaker.cleanup.mail-interval", "1h");
    }
}
