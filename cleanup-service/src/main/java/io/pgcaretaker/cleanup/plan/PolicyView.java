package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Readiness;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy as it is answered.
 *
 * @param hash its version
 * @param state armed, blocked, misconfigured or not-applicable
 * @param epoch what a column of numbers counts from 1970 on: seconds, milliseconds or microseconds
 * @param every how often it runs, as the policy file has it: ISO 8601
 * @param reasons why it is not armed, each with what to do
 * @param lookedAt when state and reasons were found, in a list of so many policies that they are not all looked at anew; absent:
 *     just now
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PolicyView(
        String name,
        String description,
        String hash,
        String mode,
        String state,
        List<String> reasons,
        @Nullable String schema,
        String table,
        String ageColumn,
        String zone,
        @Nullable String epoch,
        String retention,
        List<Condition> filter,
        String action,
        String every,
        @Nullable String cron,
        long maxRows,
        double maxFraction,
        boolean restorable,
        @Nullable Instant lookedAt) {

    static PolicyView of(RetentionPolicy policy, Readiness readiness) {
        return of(policy, readiness.word(), readiness.reasons(), null);
    }

    static PolicyView of(RetentionPolicy policy, String state, List<String> reasons, @Nullable Instant lookedAt) {
        return new PolicyView(
                policy.name(),
                policy.description(),
                policy.hash(),
                policy.mode().wireName(),
                state,
                reasons,
                policy.schema(),
                policy.table(),
                policy.age().column(),
                policy.age().zone().getId(),
                policy.age().epoch() == null ? null : policy.age().epoch().wireName(),
                policy.retention().toString(),
                policy.filter(),
                policy.action().kind().wireName(),
                policy.every().toString(),
                policy.rhythm().cron(),
                policy.limits().maxRows(),
                policy.limits().maxFraction(),
                !policy.restore().isEmpty(),
                lookedAt);
    }
}
