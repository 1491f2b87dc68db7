package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What runs where, the key, and three commands to try. */
record Table(LocalState state, String database, Home home) {

    private static final int COLUMNS = 4;

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(aligned(rows()));
        lines.add("");
        lines.add("  API key of this machine (operator, sender, reporter): " + state.apiKey());
        lines.add("  all of this for scripts: " + home.localState());
        tryThese(lines);
        lines.add("");
        lines.add("Ready. Ctrl-C stops everything.");
        return String.join("\n", lines);
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("WHAT", "WHERE", "MANAGEMENT", "PID"));
        Map<String, String> management = state.management();
        row(rows, "monitoring-service", state.monitoring(), management.get("monitoring"), "monitoring");
        row(rows, "cleanup-service", state.cleanup(), management.get("cleanup"), "cleanup");
        row(rows, "email-service", state.email(), management.get("email"), "email");
        row(rows, "mail catcher, inbox", state.mailCatcher(), null, "launcher");
        row(rows, "mail catcher, SMTP", state.smtpUrl(), null, "launcher");
        row(rows, "PostgreSQL", database, null, "postgres");
        return rows;
    }

    private void row(
            List<List<String>> rows, String what, @Nullable String where, @Nullable String management, String pidName) {
        if (where != null) {
            Long pid = state.pids().get(pidName);
            rows.add(List.of(what, where, management == null ? "" : management, pid == null ? "" : pid.toString()));
        }
    }

    private static List<String> aligned(List<List<String>> rows) {
        int[] widths = new int[COLUMNS];
        for (List<String> row : rows) {
            for (int column = 0; column < COLUMNS; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < COLUMNS; column++) {
                line.append("  ")
                        .append(row.get(column))
                        .append(" ".repeat(widths[column] - row.get(column).length()));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
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
                            + "/api/cleanup/policies/soft-deleted-users/plan");
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
