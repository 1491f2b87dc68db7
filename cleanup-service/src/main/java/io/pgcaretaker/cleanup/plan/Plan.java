package io.pgcaretaker.cleanup.plan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do if it began now.
 *
 * @param state armed, blocked, misconfigured or not-applicable; numbers are there when it is armed
 * @param rows of the policy's table that would go; with {@code atLeast} there are more than were counted
 * @param estimatedRows how many there are by the planner's statistics, where they could not be counted in a few seconds;
 *     breaker and estimate go by it then
 * @param strategy block-ranges or keyset, and why
 * @param oldest age of the oldest and the newest of them
 */
public record Plan(
        String policy,
        String mode,
        String state,
        List<String> reasons,
        @Nullable String table,
        @Nullable Instant cutoff,
        @Nullable Long rows,
        @Nullable Boolean atLeast,
        @Nullable Long estimatedRows,
        @Nullable Instant oldest,
        @Nullable Instant newest,
        @Nullable Long tableRows,
        @Nullable String strategy,
        @Nullable String strategyReason,
        @Nullable Estimate estimate,
        List<DependentRows> dependents,
        @Nullable Breaker breaker,
        @Nullable Notices notices) {

    /**
     * What the run would cost, roughly; rows of dependent tables are not in it.
     *
     * @param bytes that the rows take up in the table; they are free for new rows after the next vacuum
     * @param walBytes of write-ahead log
     * @param seconds at the rate of the policy's last run of some size, else at 30,000 rows a second
     */
    public record Estimate(long bytes, long walBytes, long seconds) {}

    /**
     * Rows of another table.
     *
     * @param rows absent when counting them takes too long, or they are not deleted
     * @param effect {@code delete}, or what the foreign key does instead; {@code not enforced}: nothing, its rows stay as they are
     */
    public record DependentRows(String table, @Nullable Long rows, String effect) {}

    /**
     * What the breakers would say of a run by the policy's schedule.
     *
     * @param verdict pass, or the word of the first that trips: clock-skew, clock-jump, breaker-rows, breaker-fraction,
     *     retention-shortened, filter-widened, terms-loosened or breaker-drift
     * @param trips all that trip, each with its sentence
     */
    public record Breaker(String verdict, List<BreakerTrip> trips, long maxRows, double maxFraction) {
        public Breaker {
            trips = List.copyOf(trips);
        }
    }

    /** A breaker that would trip, by the word that the run would end with. */
    public record BreakerTrip(String verdict, String detail) {}

    /**
     * Rows that wait for their deletion notice or its time; none of them is among those that would go now.
     *
     * @param untold within the time of notice, and not decided on yet; counted no further than the breaker's limit, absent
     *     when that takes too long
     * @param open decided on, by state: waiting (not taken by email-service yet), accepted (on its way), delivered,
     *     undeliverable (nobody could be told, they go all the same), held (nobody could be told, and they stay)
     */
    public record Notices(String before, @Nullable Long untold, Map<String, Long> open) {
        public Notices {
            open = Map.copyOf(open);
        }
    }

    public Plan {
        reasons = List.copyOf(reasons);
        dependents = List.copyOf(dependents);
    }
}
