package io.pgcaretaker.startup;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means the own store answered the last probe; read from memory, never by asking the database. */
@Readiness
class DatabaseReadiness implements HealthCheck {

    private final DatabaseGate gate;

    DatabaseReadiness(DatabaseGate gate) {
        this.gate = gate;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("database").status(gate.isOpen()).build();
    }
}
