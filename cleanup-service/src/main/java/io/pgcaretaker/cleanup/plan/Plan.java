package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do if it began now.
 *
 * @param state armed, blocked, misconfigured or not-applicable; numbers are there when it is armed
 * @param rows of the policy's table that would go; with {@code atLeast} there are more than were counted
 * @param strategy block-ranges or keyset, and why
 * @param oldest age of the oldest and the newest of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(
        String policy,
        String mode,
        String state,
        List<String> reasons,
        @Nullable String table,
        @Nullable Instant cutoff,
        @Nullable Long rows,
        @Nullable Boolean atLeast,
        @Nullable Instant oldest,
        @Nullable Instant newest,
        @Nullable Long tableRows,
        @Nullable String strategy,
        @Nullable String strategyReason,
        List<DependentRows> dependents,
        @Nullable Breaker breaker) {

    /**
     * Rows of another table.
     *
     * @param rows absent when counting them takes too long, or they are not deleted
     * @param effect {@code delete}, or what the foreign key does instead
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DependentRows(String table, @Nullable Long rows, String effect) {}

    /** What the breaker would say: pass, breaker-rows or breaker-fraction. */
    public record Breaker(String verdict, long maxRows, double maxFraction) {}

    public Plan {
        reasons = List.copyOf(reasons);
        dependents = List.copyOf(dependents);
    }
}
