package io.pgcaretaker.monitoring.custom;

import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Deadline;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.collect.Rows;
import io.pgcaretaker.monitoring.collect.VersionRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A metric that the operator wrote: inside a read-only transaction, with a deadline and an interval of its own. */
record CustomCollector(
        String name, VersionRange versions, List<Family> families, String sql, Duration every, Duration deadline)
        implements Collector {

    /** Half of what all of ours together have. */
    private static final int MOST_SERIES = 1_000;

    @Override
    public Pace pace() {
        return Pace.COSTLY;
    }

    @Override
    public Optional<Duration> interval() {
        return Optional.of(every);
    }

    @Override
    public String needs() {
        return "the columns " + String.join(", ", columns())
                + " and what its statement reads: grant it, or correct the statement";
    }

    private List<String> columns() {
        return Stream.concat(Stream.of("value"), families.stream().flatMap(family -> family.labels().stream()))
                .toList();
    }

    @Override
    public Rows collect(Connection connection, Deadline whole) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("/* caretaker.custom-deadline */ set local statement_timeout = " + deadline.toMillis());
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Rows rows = Rows.read(statement);
            check(rows);
            return rows;
        }
    }

    /** What would be no series, or too many, is said rather than left out. */
    private void check(Rows rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        Set<String> there = rows.single().columns().keySet();
        if (!there.containsAll(columns())) {
            throw new SQLException(
                    "the statement must answer the columns " + columns() + ", but answers " + there, "42703");
        }
        if (rows.list().size() > MOST_SERIES) {
            throw new SQLException("the statement must answer at most " + MOST_SERIES + " rows: sum some up", "54000");
        }
        if (rows.list().stream().anyMatch(row -> row.columns().get("value") instanceof String)) {
            throw new SQLException("the column value must be a number", "42804");
        }
        // Prometheus would keep one of them, whichever.
        Set<List<String>> series = new HashSet<>();
        List<String> labels = families.get(0).labels();
        if (!rows.list().stream()
                .allMatch(row -> series.add(labels.stream().map(row::text).toList()))) {
            throw new SQLException("the rows must differ in their labels " + labels, "21000");
        }
    }
}
