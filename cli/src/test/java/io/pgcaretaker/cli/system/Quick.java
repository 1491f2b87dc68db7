package io.pgcaretaker.cli.system;

import java.util.Map;

/** Leases, intervals and patience of seconds where production has minutes: a test waits for what follows, not for them. */
final class Quick {

    static final Map<String, String> SETTINGS = Map.of(
            "CARETAKER_CLEANUP_LEASE", "5s",
            "CARETAKER_EMAIL_DELIVERY_SEND_DEADLINE", "8s",
            "CARETAKER_EMAIL_DELIVERY_LEASE", "12s",
            // Each mail is looked for; what is over the budget would come together.
            "CARETAKER_EMAIL_DIGESTS_BUDGET", "1000",
            "CARETAKER_MONITORING_COLLECT_FAST_INTERVAL", "2s",
            "CARETAKER_MONITORING_ALERTS_EVALUATE_INTERVAL", "2s",
            "CARETAKER_MONITORING_ALERTS_KEEP_FIRING", "5s",
            "CARETAKER_MONITORING_ALERTS_SERVICE_DOWN_FOR", "3s",
            "CARETAKER_MONITORING_NEIGHBOURS_INTERVAL", "2s");

    private Quick() {}
}
