package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.monitoring.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import javax.sql.DataSource;

/** Makes partitions ahead and drops those whose time is over. */
final class Upkeep {

    /** What it did. */
    record Outcome(int created, int dropped, int deleted) {}

    private static final int BATCH = 1000;

    /** A run's worth: with an hour between two, that is more than twenty million a day. */
    private static final int MOST_BATCHES = 1000;

    /** Events that move into their partition at once: a second or two, of the five that a transaction may take. */
    private static final int MOST_MOVED = 50_000;

    /** Longer than any caller repeats a request. */
    private static final Duration REQUESTS_KEPT = Duration.ofDays(7);

    private final DataSource database;
    private final Duration retention;
    private final int mostMoved;
    private final PartitionRepository partitions = new PartitionRepository();

    Upkeep(DataSource database, Duration retention) {
        this(database, retention, MOST_MOVED);
    }

    Upkeep(DataSource database, Duration retention, int mostMoved) {
        this.database = database;
        this.retention = retention;
        this.mostMoved = mostMoved;
    }

    /** Each part in transactions of their own: nobody waits for a long one, and one that fails takes nothing else with it. */
    Outcome run(Instant now) throws SQLException {
        Instant oldest = now.minus(retention);
        Instant requests = now.minus(REQUESTS_KEPT);
        int dropped = underLock(connection -> drop(connection, oldest));
        int deleted = inBatches(connection -> partitions.ageOutDefault(connection, oldest, BATCH))
                + inBatches(connection -> partitions.ageOutRequests(connection, requests, BATCH));
        int created = 0;
        // The next month's is there before its first event; events may be a month late.
        YearMonth present = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        for (YearMonth month : List.of(present.plusMonths(1), present, present.minusMonths(1))) {
            created += underLock(connection -> create(connection, month));
        }
        return new Outcome(created, dropped, deleted);
    }

    private int underLock(Transaction.Work<Integer> work) throws SQLException {
        return Transaction.run(
                database, "security-upkeep", connection -> partitions.lock(connection) ? work.in(connection) : 0);
    }

    private int inBatches(Transaction.Work<Integer> ageOut) throws SQLException {
        int all = 0;
        int deleted = BATCH;
        for (int i = 0; i < MOST_BATCHES && deleted == BATCH; i++) {
            deleted = underLock(ageOut);
            all += deleted;
        }
        return all;
    }

    private int drop(Connection connection, Instant oldest) throws SQLException {
        List<YearMonth> over = partitions.months(connection).stream()
                .filter(month -> !end(month).isAfter(oldest))
                .toList();
        for (YearMonth month : over) {
            partitions.drop(connection, month);
        }
        return over.size();
    }

    /** A month with more events than can be moved stays in the default partition, from which they age out one by one. */
    private int create(Connection connection, YearMonth month) throws SQLException {
        if (partitions.months(connection).contains(month) || partitions.hasMoreThan(mostMoved, connection, month)) {
            return 0;
        }
        partitions.create(connection, month);
        return 1;
    }

    private static Instant end(YearMonth month) {
        return month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
