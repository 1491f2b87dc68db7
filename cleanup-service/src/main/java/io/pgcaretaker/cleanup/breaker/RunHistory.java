package io.pgcaretaker.cleanup.breaker;

import io.pgcaretaker.cleanup.policy.Condition;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What earlier enforced runs of a policy tell the next one.
 *
 * @param fresh none of them deleted anything under the policy as it is now
 * @param runs how many of the latest were completed
 * @param mostMatched rows that any of those matched
 * @param retention that the latest applied; absent: there was none
 * @param filter that the latest applied; absent: there was none, or it is not known
 * @param looser what the terms of the latest would not have let go, in words; empty: nothing, or they are not known
 * @param predecessor whose retention, filter and terms these are: a policy of the same table that is no more, where this one has applied none, or none
 *     since that one began
 */
public record RunHistory(
        boolean fresh,
        int runs,
        long mostMatched,
        @Nullable String retention,
        @Nullable List<Condition> filter,
        List<String> looser,
        @Nullable String predecessor) {
    public RunHistory {
        filter = filter == null ? null : List.copyOf(filter);
        looser = List.copyOf(looser);
    }

    /** Together with what has become looser since the run itself asked. */
    public RunHistory and(List<String> since) {
        return new RunHistory(
                fresh,
                runs,
                mostMatched,
                retention,
                filter,
                Stream.concat(looser.stream(), since.stream()).distinct().toList(),
                predecessor);
    }
}
