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

    /** A run's worth: with an hour between two, that is more than twenty million a day. */
    private static final int MOST_BATCHES = 1000;

    /** Longer than any caller repeats a request. */
    private static final Duration REQUESTS_KEPT = Duration.ofDays(7);

    private final DataSource database;
    private final Duration retention;
    private final PartitionRepository partitions = new PartitionRepository();

    Upkeep(DataSource database, Duration retention) {
        this.database = database;
        this.retention = retention;
    }

    /** What is to be aged out goes in transactions of its own, and until none is left: nobody waits for a long one. */
    Outcome run(Instant now) throws SQLException {
        Outcome done = underLock(connection -> work(connection, now));
        Instant oldest = now.minus(retention);
        Instant requests = now.minus(REQUESTS_KEPT);
        int deleted = inBatches(connection -> partitions.ageOutDefault(connection, oldest, BATCH))
                + inBatches(connection -> partitions.ageOutRequests(connection, requests, BATCH));
        return new Outcome(done.created(), done.dropped(), deleted);
    }

    private Outcome underLock(Transaction.Work<Outcome> work) throws SQLException {
        return Transaction.run(
                database,
                "security-upkeep",
                connection -> partitions.lock(connection) ? work.in(connection) : new Outcome(0, 0, 0));
    }

    private int inBatches(Transaction.Work<Integer> ageOut) throws SQLException {
        int all = 0;
        int deleted = BATCH;
        for (int i = 0; i < MOST_BATCHES && deleted == BATCH; i++) {
            deleted = underLock(connection -> new Outcome(0, 0, ageOut.in(connection)))
                    .deleted();
            all += deleted;
        }
        return all;
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
        return new Outcome(missing.size(), over.size(), 0);
    }

    private static Instant end(YearMonth month) {
        return month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
