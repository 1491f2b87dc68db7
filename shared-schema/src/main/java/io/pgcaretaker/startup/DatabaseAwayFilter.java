package io.pgcaretaker.startup;

import io.pgcaretaker.problem.DatabaseProblem;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** A server that takes connections and does not answer would hold a caller for as long as all timeouts together. */
@Provider
@NeedsDatabase
@Priority(Priorities.USER - 50)
public class DatabaseAwayFilter implements ContainerRequestFilter {

    private final DatabaseGate gate;

    DatabaseAwayFilter(DatabaseGate gate) {
        this.gate = gate;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (gate.isKnownToBeShut()) {
            throw DatabaseProblem.unanswered(gate.failure());
        }
    }
}
