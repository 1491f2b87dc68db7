package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.monitoring.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** Makes partitions ahead and drops those whose time is over. */
final class Upkeep {

    /** What it did. */
    record Outcome(int created, int dropped, int deleted) {}

    private static final int BATCH = 1000;

    /** Longer than any caller repeats a request. */
    private static final Duration REQUESTS_KEPT = Duration.ofDays(7);

    private final DataSource database;
    private final Duration retention;
    private final PartitionRepository partitions = new PartitionRepository();

    Upkeep(DataSource database, Duration retention) {
        this.database = database;
        this.retention = retention;
    }

    Outcome run(Instant now) throws SQLException {
        return Transaction.run(
                database,
                "security-upkeep",
                connection -> partitions.lock(connection) ? work(connection, now) : new Outcome(0, 0, 0));
    }

    private Outcome work(Connection connection, Instant now) throws SQLException {
        YearMonth present = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        Instant oldest = now.minus(retention);
        List<YearMonth> there = partitions.months(connection);
        // Events may be a month late, and the next month's partition is there before its first event.
        List<YearMonth> missing = Stream.of(present.minusMonths(1), present, present.plusMonths(1))
                .filter(month -> !there.contains(month))
                .toList();
        for (YearMonth month : missing) {
            partitions.create(connection, month);
        }
        List<YearMonth> over =
                there.stream().filter(month -> !end(month).isAfter(oldest)).toList();
        for (YearMonth month : over) {
            partitions.drop(connection, month);
        }
        int deleted = partitions.ageOutDefault(connection, oldest, BATCH)
                + partitions.ageOutRequests(connection, now.minus(REQUESTS_KEPT), BATCH);
        return new Outcome(missing.size(), over.size(), deleted);
    }

    private static Instant end(YearMonth month) {
        return month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
