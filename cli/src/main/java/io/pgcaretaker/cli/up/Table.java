package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What runs where, the key, and three commands to try. */
record Table(LocalState state, String database, Home home) {

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        row(lines, "monitoring-service", state.monitoring(), state.management().get("monitoring"), "monitoring");
        row(lines, "cleanup-service", state.cleanup(), state.management().get("cleanup"), "cleanup");
        row(lines, "email-service", state.email(), state.management().get("email"), "email");
        row(lines, "mail catcher", state.mailCatcher(), state.smtpUrl(), "launcher");
        row(lines, "PostgreSQL", database, null, "postgres");
        lines.add("");
        lines.add("  API key of this machine (operator, sender, reporter): " + state.apiKey());
        lines.add("  all of this for scripts: " + home.localState());
        tryThese(lines);
        lines.add("");
        lines.add("Ready. Ctrl-C stops everything.");
        return String.join("\n", lines);
    }

    private void row(List<String> lines, String name, @Nullable String where, @Nullable String also, String pidName) {
        if (where == null) {
            return;
        }
        Long pid = state.pids().get(pidName);
        lines.add("  %-19s %-42s %-38s %s"
                .formatted(name, where, also == null ? "" : also, pid == null ? "" : "pid " + pid)
                .stripTrailing());
    }

    private void tryThese(List<String> lines) {
        Map<String, String> commands = new java.util.LinkedHashMap<>();
        if (state.monitoring() != null) {
            commands.put("how the database is", "curl -s " + state.monitoring() + "/api/monitoring/health");
        }
        if (state.cleanup() != null) {
            commands.put(
                    "what a clean-up run would delete",
                    "curl -s -X POST -H 'Authorization: Bearer " + state.apiKey() + "' " + state.cleanup()
                            + "/api/cleanup/policies/deleted-users/plan");
        }
        if (state.mailCatcher() != null) {
            commands.put("the mails that were sent", "curl -s " + state.mailCatcher() + "/api/messages");
        }
        if (commands.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add("Try:");
        commands.forEach((what, command) -> {
            lines.add("  # " + what);
            lines.add("  " + command);
        });
    }
}
