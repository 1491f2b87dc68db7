package io.pgcaretaker.problem;

import jakarta.transaction.RollbackException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What a service answers where the database failed a request: it is away, takes no writes now, or something is wrong. */
public final class DatabaseProblem {

    private static final Logger LOG = Logger.getLogger(DatabaseProblem.class);

    private static final String LOCK_TIMEOUT = "55P03";
    private static final String READ_ONLY = "25006";
    private static final String UNTRANSLATABLE_CHARACTER = "22P05";

    private static final String LOGIN_REFUSED = "28";
    private static final String NO_SUCH_DATABASE = "3D000";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    private static final Problem AWAY = away("the database does not answer in time; try again");

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofMinutes(1);

    private DatabaseProblem() {}

    /** By the first cause that is the database's; whatever has none is an error of ours. */
    public static Response of(Exception whole) {
        Optional<Problem> unkeepable = unkeepable(whole);
        if (unkeepable.isPresent()) {
            return answer(unkeepable.get());
        }
        return cause(whole).map(sql -> of(sql, whole)).orElseGet(() -> internal("request failed", whole));
    }

    private static Optional<SQLException> cause(Throwable whole) {
        for (Throwable cause = whole; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return Optional.of(sql);
            }
            if (cause instanceof RollbackException) {
                // What the commit met is told beside it: as where a session ends between the last statement and that.
                return Arrays.stream(cause.getSuppressed())
                        .flatMap(beside -> cause(beside).stream())
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    /** What was asked for has a character that the database's encoding does not have. */
    static Optional<Problem> unkeepable(Throwable whole) {
        return cause(whole)
                .filter(sql -> UNTRANSLATABLE_CHARACTER.equals(sql.getSQLState()))
                .map(
                        sql -> Problem.of(
                                422,
                                "Character that cannot be kept",
                                "it has a character that the encoding of the service's database does not have; one of UTF8 has all"));
    }

    private static Response of(SQLException cause, Exception whole) {
        if (isAway(cause.getSQLState())) {
            return unavailable(problem(cause.getSQLState()), SOON);
        }
        if (READ_ONLY.equals(cause.getSQLState())) {
            return unavailable(
                    Problem.of(
                            503,
                            "Database read-only",
                            "the database takes no writes now, as a standby does; try again"),
                    LATER);
        }
        // A batch's own words repeat each statement with its values; those of the server do not.
        Exception logged = cause instanceof BatchUpdateException && cause.getNextException() != null
                ? cause.getNextException()
                : whole;
        return internal("request failed in the database sqlstate=" + cause.getSQLState(), logged);
    }

    /**
     * No connection, no free one in the pool (which has no code), shut down, no connection to spare, or too slow; a login that is
     * refused, as while a password is changed, and a database that is not there (now).
     */
    private static boolean isAway(@Nullable String state) {
        return state == null
                || state.isEmpty()
                || state.startsWith("08")
                || state.startsWith(LOGIN_REFUSED)
                || state.equals(NO_SUCH_DATABASE)
                || state.startsWith("57")
                || state.startsWith("53")
                || state.equals(LOCK_TIMEOUT);
    }

    private static Problem away(String detail) {
        return Problem.of(503, "Database away", detail);
    }

    private static Problem problem(@Nullable String state) {
        return notLetIn(state).map(DatabaseProblem::away).orElse(AWAY);
    }

    /** Why the server, which answers, takes no session of ours; empty where it is something else. */
    public static Optional<String> notLetIn(@Nullable String state) {
        if (state == null) {
            return Optional.empty();
        }
        if (state.startsWith(LOGIN_REFUSED)) {
            return Optional.of("the database refuses the service's login (SQL state " + state
                    + "), as while its role's password is changed; what it says is in the service's log");
        }
        return switch (state) {
            case NO_SUCH_DATABASE -> Optional.of("the database that the service's DATABASE_URL names is not there");
            case TOO_MANY_CONNECTIONS ->
                Optional.of(
                        "the database takes no further session (max_connections, or a CONNECTION LIMIT); try again");
            default -> Optional.empty();
        };
    }

    /**
     * Of a database that is known to be away.
     *
     * @param failure the last one
     */
    public static ProblemException unanswered(@Nullable Throwable failure) {
        return new ProblemException(failure == null ? AWAY : away(failure).orElse(AWAY));
    }

    /** Whether that is what a failure comes from. */
    public static boolean isAway(Throwable whole) {
        return away(whole).isPresent();
    }

    /** The same, of a failure whose first cause of the database's says so. */
    static Optional<Problem> away(Throwable whole) {
        return cause(whole).filter(sql -> isAway(sql.getSQLState())).map(sql -> problem(sql.getSQLState()));
    }

    /** It is there, and keeps what is needed, or has no room. */
    public static Response busy(String detail) {
        return unavailable(Problem.of(503, "Database busy or away", detail), SOON);
    }

    private static Response unavailable(Problem problem, Duration after) {
        return Response.fromResponse(answer(problem))
                .header(HttpHeaders.RETRY_AFTER, after.toSeconds())
                .build();
    }

    /** An error of ours, logged under the id that the answer has. */
    public static Response internal(String words, Exception cause) {
        Problem problem = Problem.internal();
        LOG.errorf(cause, "%s errorId=%s", words, problem.errorId());
        return answer(problem);
    }

    private static Response answer(Problem problem) {
        return Response.status(problem.status())
                .type(Problem.MEDIA_TYPE)
                .entity(problem)
                .build();
    }
}
