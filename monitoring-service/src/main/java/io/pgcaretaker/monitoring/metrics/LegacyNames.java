package io.pgcaretaker.monitoring.metrics;

import java.util.Map;
import java.util.Optional;

/** What older exporters called a metric, for dashboards that were never brought up to date. */
final class LegacyNames {

    private static final String BGWRITER = "pg_stat_bgwriter_";
    private static final String TOTAL = "_total";
    private static final String SLOTS = "pg_replication_slots_";

    /** Dashboard 12485 and exporters up to 0.11. */
    private static final Map<String, String> RENAMED = Map.of(
            "pg_database_size_bytes", "pg_database_size",
            "pg_replication_lag_seconds", "pg_replication_lag",
            "pg_stat_statements_calls_total", "pg_stat_statements_calls",
            "pg_stat_statements_seconds_total", "pg_stat_statements_total_time_seconds");

    private LegacyNames() {}

    static Optional<String> of(String name) {
        if (name.startsWith(BGWRITER) && name.endsWith(TOTAL)) {
            return Optional.of(name.substring(0, name.length() - TOTAL.length()));
        }
        // Up to 0.19 all but these two stood under the singular.
        boolean kept = name.equals(SLOTS + "active") || name.endsWith("_diff");
        if (name.startsWith(SLOTS) && !kept) {
            return Optional.of("pg_replication_slot_" + name.substring(SLOTS.length()));
        }
        if (name.startsWith("pg_statio_user_tables_")) {
            return Optional.of(name.replace("_blocks_", "_blks_"));
        }
        return Optional.ofNullable(RENAMED.get(name));
    }
}
