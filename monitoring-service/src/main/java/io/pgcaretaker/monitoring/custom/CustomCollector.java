package io.pgcaretaker.monitoring.custom;

import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Family;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.collect.Rows;
import io.pgcaretaker.monitoring.collect.VersionRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A metric that the operator wrote: inside a read-only transaction, with a deadline and an interval of its own. */
record CustomCollector(
        String name, VersionRange versions, List<Family> families, String sql, Duration every, Duration deadline)
        implements Collector {

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
        return "what its statement reads: grant it, or correct the statement";
    }

    @Override
    public Rows collect(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("/* caretaker.custom-deadline */ set local statement_timeout = " + deadline.toMillis());
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return Rows.read(statement);
        }
    }
}
