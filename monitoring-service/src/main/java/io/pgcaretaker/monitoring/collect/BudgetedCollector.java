package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Goes on with aggregates when the whole costs too much, and tries the whole again now and then. Two expensive looks in
 * a row make it give way: the first of a fresh connection fills caches and says little.
 */
final class BudgetedCollector implements Collector {

    private static final int PATIENCE = 2;
    /** Looks with aggregates until the whole is tried again; half an hour at the pace of a minute. */
    private static final int AGGREGATED_LOOKS = 30;

    private final Collector whole;
    private final Collector aggregate;
    private final Duration budget;
    private int expensive;
    private volatile int aggregatedLooks;

    BudgetedCollector(Collector whole, Collector aggregate, Duration budget) {
        this.whole = whole;
        this.aggregate = aggregate;
        this.budget = budget;
    }

    @Override
    public String name() {
        return whole.name();
    }

    @Override
    public Pace pace() {
        return whole.pace();
    }

    @Override
    public VersionRange versions() {
        return whole.versions();
    }

    @Override
    public String needs() {
        return whole.needs();
    }

    @Override
    public List<Family> families() {
        return whole.families();
    }

    @Override
    public boolean asksForEveryRelation() {
        return whole.asksForEveryRelation();
    }

    @Override
    public boolean isDegraded() {
        return aggregatedLooks > 0;
    }

    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        int left = aggregatedLooks;
        if (left > 0) {
            Rows rows = aggregate.collect(connection, deadline);
            aggregatedLooks = left - 1;
            return rows;
        }
        long start = System.nanoTime();
        boolean ended = false;
        try {
            Rows rows = whole.collect(connection, deadline);
            ended = true;
            return rows;
        } finally {
            account(ended, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** One that was cut off at its deadline is over budget for certain. */
    private void account(boolean ended, Duration took) {
        expensive = took.compareTo(budget) > 0 ? expensive + 1 : 0;
        if (expensive >= PATIENCE || (!ended && expensive > 0)) {
            expensive = PATIENCE - 1;
            aggregatedLooks = AGGREGATED_LOOKS;
        }
    }
}
