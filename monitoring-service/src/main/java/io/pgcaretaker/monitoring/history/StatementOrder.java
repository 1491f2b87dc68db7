package io.pgcaretaker.monitoring.history;

/** By what statements are ranked. */
enum StatementOrder {
    TIME("sum(s.total_ms)"),
    CALLS("sum(s.calls)"),
    IO("sum(s.blocks_read)"),
    MEAN("sum(s.total_ms) / greatest(sum(s.calls), 1)");

    private final String sql;

    StatementOrder(String sql) {
        this.sql = sql;
    }

    String sql() {
        return sql;
    }
}
