package io.pgcaretaker.monitoring;

import io.pgcaretaker.problem.DatabaseProblem;
import io.quarkus.arc.ArcUndeclaredThrowableException;
import jakarta.persistence.PersistenceException;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What is asked of the database while it is away is not an error of ours: 503, try again. */
public class DatabaseAway {

    @ServerExceptionMapper
    Response failed(SQLException e) {
        return DatabaseProblem.of(e);
    }

    /** Hibernate's own, and what it wraps that in: one of a statement that took too long comes so. */
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
