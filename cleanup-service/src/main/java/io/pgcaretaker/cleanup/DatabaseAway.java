package io.pgcaretaker.cleanup;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.problem.DatabaseProblem;
import io.quarkus.arc.ArcUndeclaredThrowableException;
import jakarta.persistence.PersistenceException;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What is asked of the database while it is away, takes no writes, or while a batch keeps the row that is asked for, is not
 * an error of ours: 503, try again.
 */
public class DatabaseAway {

    @ServerExceptionMapper
    Response failed(DatabaseFailure e) {
        if (e.isOutOfNumbers()) {
            return DatabaseProblem.busy(
                    "the database takes no writes before a vacuum of all of it: its transaction IDs"
                            + " run out; end what keeps that from helping, such as a prepared transaction or a replication slot");
        }
        return e.isPassing()
                ? DatabaseProblem.busy(DatabaseProblem.notLetIn(e.sqlState())
                        .orElse("the database does not answer in time, or a batch keeps what this needs; try again"))
                : DatabaseProblem.of(e);
    }

    /** Hibernate's own, of what is listed. */
    @ServerExceptionMapper
    Response failed(PersistenceException e) {
        return DatabaseProblem.of(e);
    }

    /** What a transaction meets at its end comes so. */
    @ServerExceptionMapper
    Response failed(ArcUndeclaredThrowableException e) {
        return DatabaseProblem.of(e);
    }
}
