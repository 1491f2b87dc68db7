package io.pgcaretaker.monitoring;

import io.pgcaretaker.problem.Problem;
import io.quarkus.arc.ArcUndeclaredThrowableException;
import jakarta.persistence.PersistenceException;
import jakarta.ws.rs.core.Response;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What is asked of the database while it is away is not an error of ours: 503, try again. */
public class DatabaseAway {

    private static final Logger LOG = Logger.getLogger(DatabaseAway.class);

    @ServerExceptionMapper
    Response failed(SQLException e) {
        return answer(e, e);
    }

    /** Hibernate's own, and what it wraps that in: one of a statement that took too long comes so. */
    @ServerExceptionMapper
    Response failed(PersistenceException e) {
        return unwrapped(e);
    }

    /** What a transaction meets at its end comes so. */
    @ServerExceptionMapper
    Response failed(ArcUndeclaredThrowableException e) {
        return unwrapped(e);
    }

    private static Response unwrapped(Exception whole) {
        for (Throwable cause = whole; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return answer(sql, whole);
            }
        }
        return failure(whole, "request failed");
    }

    private static Response answer(SQLException cause, Exception whole) {
        if (isAway(cause)) {
            return away();
        }
        if ("25006".equals(cause.getSQLState())) {
            return Response.status(503)
                    .header("Retry-After", "60")
                    .type("application/problem+json")
                    .entity(Problem.of(
                            503,
                            "Database read-only",
                            "the database takes no writes now, as a standby does; try again"))
                    .build();
        }
        // A batch's own words repeat each statement with its values; those of the server do not.
        Exception logged = cause instanceof BatchUpdateException && cause.getNextException() != null
                ? cause.getNextException()
                : whole;
        return failure(logged, "request failed in the database sqlstate=" + cause.getSQLState());
    }

    static Response away() {
        return Response.status(503)
                .header("Retry-After", "5")
                .type("application/problem+json")
                .entity(Problem.of(503, "Database away", "the database does not answer in time; try again"))
                .build();
    }

    private static Response failure(Exception whole, String words) {
        String errorId = UUID.randomUUID().toString();
        LOG.errorf(whole, "%s errorId=%s", words, errorId);
        return Response.status(500)
                .type("application/problem+json")
                .entity(new Problem(
                        "about:blank",
                        "Internal error",
                        500,
                        "the service's log has the cause under this errorId",
                        java.util.List.of(),
                        errorId))
                .build();
    }

    /** No connection, no free one in the pool (which has no code), shut down, no connection to spare, or too slow. */
    private static boolean isAway(SQLException e) {
        String state = Optional.ofNullable(e.getSQLState()).orElse("");
        return state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("57")
                || state.startsWith("53")
                || state.equals("55P03");
    }
}
