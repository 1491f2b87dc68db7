package io.pgcaretaker.cleanup.policy;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.startup.UnknownVariables;
import java.util.Set;

/** Settings of single policies as environment variables. */
public final class PolicyVariables {

    private static final String PREFIX = "CARETAKER_CLEANUP_POLICIES_";

    private PolicyVariables() {}

    /**
     * One without effect may be what should keep a policy in shadow mode.
     *
     * @throws IllegalArgumentException naming the variable, and how one is written
     */
    public static void requireKnown(Set<String> variables) {
        UnknownVariables.of(CleanupConfig.class, variables).stream()
                .filter(variable -> variable.startsWith(PREFIX))
                .findFirst()
                .ifPresent(variable -> {
                    throw new IllegalArgumentException(variable + " is no setting of a policy; write it as " + PREFIX
                            + "_OLD_EVENTS__MODE, where the policy is old-events");
                });
    }
}
