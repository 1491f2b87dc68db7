package io.pgcaretaker.monitoring;

import io.pgcaretaker.problem.Problem;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.JDBCException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What is asked of the database while it is away is not an error of ours: 503, try again. */
public class DatabaseAway {

    private static final Logger LOG = Logger.getLogger(DatabaseAway.class);

    @ServerExceptionMapper
    Response failed(SQLException e) {
        return answer(e, e);
    }

    @ServerExceptionMapper
    Response failed(JDBCException e) {
        return answer(e.getSQLException(), e);
    }

    private static Response answer(SQLException cause, Exception whole) {
        if (isAway(cause)) {
            return Response.status(503)
                    .header("Retry-After", "5")
                    .type("application/problem+json")
                    .entity(Problem.of(503, "Database away", "the database does not answer in time; try again"))
                    .build();
        }
        String errorId = UUID.randomUUID().toString();
        LOG.errorf(whole, "request failed in the database sqlstate=%s errorId=%s", cause.getSQLState(), errorId);
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
