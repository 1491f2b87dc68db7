package io.pgcaretaker.monitoring.neighbour;

import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.status.ServiceStatus;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * Asks the neighbours how they are. Each has its own circuit, so that one that hangs costs its read timeout
 * ({@code quarkus.rest-client.*-status.read-timeout}) only now and then.
 */
@ApplicationScoped
public class StatusClient {

    /** The client's own timeouts end with the answer's head; a body that never ends would hold up both looks for ever. */
    private static final long WHOLE_ANSWER_MILLIS = 6000;

    private final CleanupStatusApi cleanup;
    private final EmailStatusApi email;
    private final AccessConfig access;

    StatusClient(@RestClient CleanupStatusApi cleanup, @RestClient EmailStatusApi email, AccessConfig access) {
        this.cleanup = cleanup;
        this.email = email;
        this.access = access;
    }

    @Timeout(WHOLE_ANSWER_MILLIS)
    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    ServiceStatus cleanup() {
        return cleanup.status(authorization());
    }

    @Timeout(WHOLE_ANSWER_MILLIS)
    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    ServiceStatus email() {
        return email.status(authorization());
    }

    private String authorization() {
        return "Bearer " + access.serviceKey().orElse("");
    }
}
