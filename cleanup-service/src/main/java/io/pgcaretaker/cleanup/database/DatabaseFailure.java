package io.pgcaretaker.cleanup.database;

import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A statement that failed, with the name of what it was for. The message holds no value of a row. */
public final class DatabaseFailure extends RuntimeException {

    /** Serialization failure, deadlock, lock timeout, cancelled by its deadline: the same again may succeed. */
    private static final Set<String> RETRYABLE = Set.of("40001", "40P01", "55P03", "57014");

    /** Undefined table, undefined schema. */
    private static final Set<String> GONE = Set.of("42P01", "3F000");

    /** Classes of errors whose sentence holds names and no values: rights and names, resources, locks, operators, inside. */
    private static final Set<String> NO_VALUES = Set.of("0A", "25", "40", "42", "53", "54", "55", "57", "58", "XX");

    /** Quotes the text near the error, which a trigger may have put together from values. */
    private static final String SYNTAX_ERROR = "42601";

    /** Classes of: rights and names; inside. */
    private static final String NAMES = "42";

    private static final String INTERNAL = "XX";

    /** Of PL/pgSQL's source, by its name. */
    private static final String RAISE = "exec_stmt_raise";

    private static final String READ_ONLY = "25006";
    private static final String LOCK_TIMEOUT = "55P03";
    private static final String CANCELLED = "57014";
    private static final String INVALID_PARAMETER = "22023";
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String CHECK_VIOLATION = "23514";
    private static final String NOT_NULL_VIOLATION = "23502";
    private static final String EXCLUSION_VIOLATION = "23P01";
    private static final String FOREIGN_KEY_VIOLATION = "23503";

    /** Since PostgreSQL 18 that of a key {@code on delete restrict}. */
    private static final String RESTRICT_VIOLATION = "23001";

    private static final String TOO_MANY_CONNECTIONS = "53300";

    /** The server ends a session that stays idle in a transaction, as after its machine slept. */
    private static final String IDLE_IN_TRANSACTION = "25P03";

    /** Class of: the password, the role or the host is not let in, as while a password is changed. */
    private static final String LOGIN_REFUSED = "28";

    private static final String NO_SUCH_DATABASE = "3D000";

    private static final String UNDEFINED_FUNCTION = "42883";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Of PostgreSQL's source, by their names: the state is that of other limits, too, and the sentence may be in any language. */
    private static final Set<String> NUMBERING = Set.of("GetNewTransactionId", "GetNewMultiXactId");

    /** As PostgreSQL's hint names it, in whatever language. */
    private static final String LOCKS = "max_locks_per_transaction";

    private final String sqlState;
    private final boolean outOfNumbers;
    private final boolean raised;
    private final @Nullable String constraint;
    private final @Nullable String schema;
    private final @Nullable String table;

    public DatabaseFailure(String purpose, SQLException cause) {
        this(purpose, cause, describe(cause));
    }

    /** Of a statement that was cancelled before any deadline that was set for it. */
    static DatabaseFailure cancelledEarly(String purpose, SQLException cause) {
        return new DatabaseFailure(
                purpose,
                cause,
                "cancelled before its deadline, by somebody, or by a statement_timeout of the role, the database or the server"
                        + " that is too short for any statement (SQL state " + CANCELLED + ")");
    }

    private DatabaseFailure(String purpose, SQLException cause, String description) {
        super(purpose + ": " + description, withoutValues(cause));
        this.sqlState = cause.getSQLState() == null ? "" : cause.getSQLState();
        ServerErrorMessage server = server(cause);
        this.outOfNumbers = server != null && server.getRoutine() != null && NUMBERING.contains(server.getRoutine());
        this.raised = server != null && isRaised(server);
        ServerErrorMessage naming = raised ? null : server;
        this.constraint = naming == null ? null : naming.getConstraint();
        this.schema = naming == null ? null : naming.getSchema();
        this.table = naming == null ? null : naming.getTable();
    }

    /** The state, the names, and PostgreSQL's own sentence where that cannot hold a row's values. */
    private static String describe(SQLException cause) {
        ServerErrorMessage server = server(cause);
        String state = "SQL state " + cause.getSQLState();
        if (CANCELLED.equals(cause.getSQLState())) {
            return "cancelled by its deadline (" + state + ")";
        }
        if (server == null) {
            return state;
        }
        boolean raised = isRaised(server);
        return state
                + (raised || server.getTable() == null ? "" : ", table " + server.getTable())
                + (raised || server.getConstraint() == null ? "" : ", constraint " + server.getConstraint())
                + (holdsNoValue(server) ? ": " + server.getMessage() : "")
                + (server.getHint() != null && server.getHint().contains(LOCKS)
                        ? "; raise " + LOCKS + ": each partition and each of its indexes takes one"
                        : "");
    }

    private static boolean holdsNoValue(ServerErrorMessage server) {
        String state = server.getSQLState();
        return state != null
                && NO_VALUES.contains(state.substring(0, 2))
                && !state.equals(SYNTAX_ERROR)
                && isPostgresqls(server, state);
    }

    /**
     * The words are PostgreSQL's own, and not those of a trigger, which may give them any state and put values of its row into
     * them, nor about a statement that a trigger has put together from such.
     */
    private static boolean isPostgresqls(ServerErrorMessage server, String state) {
        String where = server.getWhere();
        if (where == null) {
            return true;
        }
        if (isRaised(server) || state.startsWith(INTERNAL)) {
            return false;
        }
        // These names are the same in every language of the server's.
        boolean insideFunction = where.contains("PL/");
        boolean otherLanguage = where.replace("PL/pgSQL", "").contains("PL/");
        return !insideFunction || (state.startsWith(NAMES) && !otherLanguage && !where.contains("EXECUTE"));
    }

    /** By {@code raise}: state, names and sentence are what its author likes. */
    private static boolean isRaised(ServerErrorMessage server) {
        return RAISE.equals(server.getRoutine());
    }

    /**
     * What a log may show as the cause. PostgreSQL's detail is left out everywhere, and its sentence where that can hold a
     * value: of a row, of a policy, or whatever a trigger says.
     */
    private static SQLException withoutValues(SQLException cause) {
        String state = cause.getSQLState();
        ServerErrorMessage server = server(cause);
        if (server == null) {
            return cause;
        }
        SQLException clean = new SQLException(holdsNoValue(server) ? server.getMessage() : "SQL state " + state, state);
        clean.setStackTrace(cause.getStackTrace());
        return clean;
    }

    private static @Nullable ServerErrorMessage server(SQLException cause) {
        return cause instanceof PSQLException failure ? failure.getServerErrorMessage() : null;
    }

    /** Empty where there was no answer at all. */
    public String sqlState() {
        return sqlState;
    }

    /** The server's system or the server itself is at fault, and not what was asked. */
    public boolean isInternal() {
        return sqlState.startsWith("58") || sqlState.startsWith("XX");
    }

    /** A standby, or a server or role set so, or one that has no numbers left, takes no writes; another time it may. */
    public boolean isReadOnly() {
        return sqlState.equals(READ_ONLY) || outOfNumbers;
    }

    /** No transaction that writes is begun before old rows were frozen: else its number would be one of the past. */
    public boolean isOutOfNumbers() {
        return outOfNumbers;
    }

    public boolean isRetryable() {
        return RETRYABLE.contains(sqlState);
    }

    /** Too much for one transaction, or in somebody's way: the next one should be smaller. */
    public boolean asksForLess() {
        return sqlState.equals(LOCK_TIMEOUT) || sqlState.equals(CANCELLED);
    }

    /** A statement took longer than it may. */
    public boolean isDeadline() {
        return sqlState.equals(CANCELLED);
    }

    /** Somebody else holds a lock that is needed. */
    public boolean isLockTimeout() {
        return sqlState.equals(LOCK_TIMEOUT);
    }

    /**
     * Why PostgreSQL will refuse the statement each time, for an operator; empty where another time it may not. Its own words
     * are left out: they can hold a value.
     */
    public Optional<String> refusal() {
        if (isBadValue() || sqlState.equals(CHECK_VIOLATION)) {
            return Optional.of("a value of the filter or of a mask cannot be one of its column's type (SQL state "
                    + sqlState + "); correct the policy");
        }
        if (sqlState.equals(UNDEFINED_FUNCTION)) {
            return Optional.of(
                    "a column of the key, the filter or a mask has a type that cannot be compared (SQL state "
                            + sqlState + "); name another one in the policy");
        }
        if (sqlState.equals(INSUFFICIENT_PRIVILEGE)) {
            return Optional.of("this role lacks a privilege that the policy's statement needs (SQL state " + sqlState
                    + "); PostgreSQL's log names it");
        }
        return Optional.empty();
    }

    /** What an operator can do about a run that ended with this; empty where the message says all that is known. */
    public Optional<String> remedy() {
        if (raised) {
            return Optional.of(
                    "a trigger of a table that the policy changes, or another function of the database, refuses it"
                            + " by raise: its words, which may hold a row's values, are in PostgreSQL's log");
        }
        return switch (sqlState) {
            case CHECK_VIOLATION, NOT_NULL_VIOLATION ->
                Optional.of("a row as the policy leaves it, masked or with a foreign key set to null or default, is not"
                        + " allowed there"
                        + (constraint == null && sqlState.equals(CHECK_VIOLATION) ? ", or has no partition" : "")
                        + ": change the policy, the key or the constraint");
            case UNIQUE_VIOLATION, EXCLUSION_VIOLATION ->
                Optional.of("a row as the policy leaves it, masked or with a foreign key set to null or default, would"
                        + " be there twice: change the policy, the key or the constraint");
            case FOREIGN_KEY_VIOLATION, RESTRICT_VIOLATION ->
                Optional.of("a row that stays refers to one that was to go, or is set to a default that no row has:"
                        + " change the default, or the key to on delete cascade or set null");
            default -> Optional.empty();
        };
    }

    /** Where nothing else is asked for by a name: PostgreSQL has no such time zone. */
    public boolean isUnknownZone() {
        return sqlState.equals(INVALID_PARAMETER);
    }

    /** A table that the statement names is no longer there. */
    public boolean isGone() {
        return GONE.contains(sqlState);
    }

    static boolean isCancelled(SQLException failure) {
        return CANCELLED.equals(failure.getSQLState());
    }

    /** The connection is gone, so that nobody knows whether the transaction was committed; or there is none to be had. */
    public boolean isConnectionLoss() {
        return isConnectionLoss(sqlState);
    }

    static boolean isConnectionLoss(SQLException failure) {
        return isConnectionLoss(failure.getSQLState() == null ? "" : failure.getSQLState());
    }

    private static boolean isConnectionLoss(String sqlState) {
        return sqlState.startsWith("08")
                || sqlState.startsWith(LOGIN_REFUSED)
                || sqlState.equals(NO_SUCH_DATABASE)
                || sqlState.startsWith("57P")
                || sqlState.equals(TOO_MANY_CONNECTIONS)
                || sqlState.equals(IDLE_IN_TRANSACTION)
                || sqlState.isEmpty();
    }

    /** Nothing is wrong with what was asked: the database is not there, has no room, or keeps locked what is needed. */
    public boolean isPassing() {
        return isRetryable() || isConnectionLoss() || isOutOfResources();
    }

    /** The server has no room left: on its disk, in its memory, or for another session. */
    public boolean isOutOfResources() {
        return sqlState.startsWith("53");
    }

    public boolean isUniqueViolation() {
        return sqlState.equals(UNIQUE_VIOLATION);
    }

    /** Another row has what only one may have, by a unique index or an exclusion constraint. */
    public boolean isTaken() {
        return isUniqueViolation() || sqlState.equals(EXCLUSION_VIOLATION);
    }

    /** A row is not as a constraint of its table wants it: a key, a check, a column that must not be null. */
    public boolean isConstraintViolation() {
        return sqlState.startsWith("23");
    }

    /** A value cannot be what its column's type says. */
    public boolean isBadValue() {
        return sqlState.startsWith("22");
    }

    /** The schema of {@link #table}. */
    public @Nullable String schema() {
        return schema;
    }

    /** The table whose constraint it is. */
    public @Nullable String table() {
        return table;
    }

    public @Nullable String constraint() {
        return constraint;
    }
}
