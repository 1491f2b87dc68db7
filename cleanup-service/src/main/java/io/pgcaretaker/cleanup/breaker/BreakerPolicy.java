package io.pgcaretaker.cleanup.breaker;

import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Limits;
import io.pgcaretaker.cleanup.policy.Retention;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Decides before the first row whether a run may begin. It never lets a part through. The run and its plan ask the same,
 * so that the plan says what the run would.
 */
public final class BreakerPolicy {

    /** What stands in a run's way. The word is the same in the plan, the run's row and the metric. */
    public enum Verdict {
        /** The database's clock and this process's are too far apart. */
        CLOCK_SKEW,
        /** The database's clock went back, or leapt ahead, since the last run. */
        CLOCK_JUMP,
        /** More rows than {@code max-rows}. */
        BREAKER_ROWS,
        /** A larger share of the table than {@code max-fraction}. */
        BREAKER_FRACTION,
        /** Rows go that the retention of the last run would have kept. */
        RETENTION_SHORTENED,
        /** Rows may go that the filter of the last run kept. */
        FILTER_WIDENED,
        /** Less is kept of the rows than in the last run, they are as old as another column says, or nobody is told any more. */
        TERMS_LOOSENED,
        /** Far more than in any of the runs before. */
        BREAKER_DRIFT;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A breaker that tripped, and the sentence that an operator needs. */
    public record Trip(Verdict verdict, String detail) {}

    /**
     * How much there is.
     *
     * @param matched rows that would go
     * @param known how well that is known
     * @param tableRows rows of the table, as far as is known
     */
    public record Counts(long matched, Known known, long tableRows) {}

    /** What a number of rows is. */
    public enum Known {
        /** All were counted. */
        COUNTED,
        /** Counted until there was one too many: there may be more. */
        AT_LEAST,
        /** They could not be counted in time. */
        ESTIMATED
    }

    /** So many runs say what is usual. */
    private static final int RUNS = 5;

    /** So many times the most of them is not usual any more … */
    private static final long TIMES = 10;

    /** … unless it is little. */
    private static final long LITTLE = 1_000;

    private BreakerPolicy() {}

    /** All that trip, in the order in which they are asked: a run ends with the first, and tells of all. */
    public static List<Trip> trips(RetentionPolicy policy, Counts counts, RunHistory history) {
        List<Trip> trips = new ArrayList<>();
        Limits limits = policy.limits();
        if (counts.matched() > limits.maxRows()) {
            trips.add(new Trip(Verdict.BREAKER_ROWS, beyond(limits, counts)));
        }
        if (isTooLargeAShare(limits, counts.matched(), counts.tableRows())) {
            trips.add(new Trip(Verdict.BREAKER_FRACTION, beyond(limits, counts)));
        }
        if (isShorter(policy, history)) {
            trips.add(new Trip(
                    Verdict.RETENTION_SHORTENED,
                    "the retention was %s%s and is %s, %s rows would go; approve this run to confirm it"
                            .formatted(
                                    history.retention(), predecessor(history), policy.retention(), matched(counts))));
        }
        List<Condition> filter = history.filter();
        if (filter != null && Condition.isWider(policy.filter(), filter)) {
            trips.add(new Trip(
                    Verdict.FILTER_WIDENED,
                    "the filter was %s%s and is %s, %s rows would go; approve this run to confirm it"
                            .formatted(
                                    Condition.words(filter),
                                    predecessor(history),
                                    Condition.words(policy.filter()),
                                    matched(counts))));
        }
        for (String looser : history.looser()) {
            trips.add(new Trip(
                    Verdict.TERMS_LOOSENED,
                    "%s%s %s rows would go; approve this run to confirm it"
                            .formatted(
                                    looser,
                                    history.predecessor() == null ? "," : predecessor(history),
                                    matched(counts))));
        }
        if (drifts(counts.matched(), history)) {
            trips.add(new Trip(
                    Verdict.BREAKER_DRIFT,
                    "%s rows would go; the most of the %d runs before was %d"
                            .formatted(matched(counts), history.runs(), history.mostMatched())));
        }
        return trips;
    }

    private static String predecessor(RunHistory history) {
        return history.predecessor() == null
                ? ""
                : " in the policy " + history.predecessor() + " of this table, which is no more,";
    }

    /** Whether both limits allow so many rows. */
    public static boolean allows(Limits limits, long matched, long tableRows) {
        return matched <= limits.maxRows() && !isTooLargeAShare(limits, matched, tableRows);
    }

    private static boolean isTooLargeAShare(Limits limits, long matched, long tableRows) {
        return matched > limits.maxFraction() * Math.max(tableRows, matched);
    }

    private static String beyond(Limits limits, Counts counts) {
        return "%s rows of about %d would go; the policy allows %d rows and a share of %s"
                .formatted(matched(counts), counts.tableRows(), limits.maxRows(), limits.maxFraction());
    }

    private static String matched(Counts counts) {
        return switch (counts.known()) {
            case COUNTED -> Long.toString(counts.matched());
            case AT_LEAST -> "more than " + (counts.matched() - 1);
            case ESTIMATED -> "about " + counts.matched();
        };
    }

    /** Whether rows may go that the last run would have kept, or otherwise than it took them. */
    public static boolean isLooser(RetentionPolicy policy, RunHistory history) {
        return isShorter(policy, history)
                || (history.filter() != null && Condition.isWider(policy.filter(), history.filter()))
                || !history.looser().isEmpty();
    }

    /** On whatever day it runs: what is as long today may be less in another month, and nobody would be asked then. */
    private static boolean isShorter(RetentionPolicy policy, RunHistory history) {
        return history.retention() != null
                && policy.retention().isEverShorterThan(Retention.parse(history.retention()));
    }

    private static boolean drifts(long matched, RunHistory history) {
        return history.runs() >= RUNS && matched > LITTLE && matched / TIMES > history.mostMatched();
    }
}
