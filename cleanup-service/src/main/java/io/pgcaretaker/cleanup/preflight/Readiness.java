package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.util.List;

/** What a policy is on this database. The word is the same in log, metric and answer. */
public sealed interface Readiness {

    String word();

    /** Why it is not armed; empty when it is. */
    List<String> reasons();

    /** Proven safe. */
    record Armed(ArmedPolicy policy) implements Readiness {
        @Override
        public String word() {
            return "armed";
        }

        @Override
        public List<String> reasons() {
            return List.of();
        }
    }

    /** Its table is not there: nothing to do, and no error. */
    record NotApplicable(String reason) implements Readiness {
        @Override
        public String word() {
            return "not-applicable";
        }

        @Override
        public List<String> reasons() {
            return List.of(reason);
        }
    }

    /** It names a column that is not there or cannot mean what the policy says; stops the start. */
    record Misconfigured(List<String> reasons) implements Readiness {
        public Misconfigured {
            reasons = List.copyOf(reasons);
        }

        @Override
        public String word() {
            return "misconfigured";
        }
    }

    /** It cannot be proven safe; each reason says what to do. */
    record Blocked(List<String> reasons) implements Readiness {
        public Blocked {
            reasons = List.copyOf(reasons);
        }

        @Override
        public String word() {
            return "blocked";
        }
    }
}
