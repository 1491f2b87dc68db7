package io.pgcaretaker.monitoring.collect;

import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What PostgreSQL's error codes mean here. Its messages are not shown: they may hold host names, SQL and data. */
final class SqlStates {

    private static final String TOO_MANY_CONNECTIONS = "53300";
    private static final String QUERY_CANCELED = "57014";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Insufficient privilege, undefined table, function, column, object not in prerequisite state (not preloaded). */
    private static final Set<String> MISSING = Set.of("42501", "42P01", "42883", "42703", "42704", "55000", "0A000");

    private SqlStates() {}

    static Contact.Loss loss(SQLException e) {
        String state = state(e);
        if (state.equals(TOO_MANY_CONNECTIONS)) {
            return Contact.Loss.FULL;
        }
        return state.startsWith("28") || state.equals("3D000") || state.equals("42501")
                ? Contact.Loss.LOGIN
                : Contact.Loss.DOWN;
    }

    /** The session is gone: connection exceptions, operator intervention other than a cancelled statement. */
    static boolean endsSession(SQLException e) {
        String state = state(e);
        return state.isEmpty()
                || state.startsWith("08")
                || (state.startsWith("57") && !state.equals(QUERY_CANCELED))
                || state.equals("25P03");
    }

    static CollectOutcome outcome(SQLException e) {
        String state = state(e);
        if (state.equals(QUERY_CANCELED) || state.equals(LOCK_NOT_AVAILABLE)) {
            return CollectOutcome.TIMED_OUT;
        }
        return MISSING.contains(state) ? CollectOutcome.SKIPPED : CollectOutcome.FAILED;
    }

    static String reason(SQLException e, String needs) {
        return switch (outcome(e)) {
            case SKIPPED -> "needs " + needs;
            case TIMED_OUT -> "cancelled at its deadline";
            default -> "failed with SQLSTATE " + state(e);
        };
    }

    static String state(SQLException e) {
        return Optional.ofNullable(e.getSQLState()).orElse("");
    }
}
