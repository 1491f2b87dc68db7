package io.pgcaretaker.cleanup;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What is asked of the database while it is away, or while a batch keeps the row that is asked for, is not an error of ours:
 * 503, try again.
 */
public class DatabaseAway {

    private static final Logger LOG = Logger.getLogger(DatabaseAway.class);

    @ServerExceptionMapper
    Response failed(DatabaseFailure e) {
        if (e.isPassing()) {
            return answer(Problem.of(
                            503,
                            "Database busy or away",
                            "the database does not answer in time, or a batch keeps what this needs; try again"))
                    .header(HttpHeaders.RETRY_AFTER, 5)
                    .build();
        }
        String errorId = UUID.randomUUID().toString();
        LOG.errorf(e, "request failed in the database errorId=%s", errorId);
        return answer(new Problem(
                        "about:blank",
                        "Internal error",
                        500,
                        "the service's log has the cause under this errorId",
                        List.of(),
                        errorId))
                .build();
    }

    private static Response.ResponseBuilder answer(Problem problem) {
        return Response.status(problem.status())
                .type("application/problem+json")
                .entity(problem);
    }
}
