package io.pgcaretaker.monitoring.neighbour;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.status.ServiceStatus;
import io.pgcaretaker.status.SmallAnswers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jspecify.annotations.Nullable;

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
    private final ObjectMapper json;

    StatusClient(
            @RestClient CleanupStatusApi cleanup,
            @RestClient EmailStatusApi email,
            AccessConfig access,
            ObjectMapper json) {
        this.cleanup = cleanup;
        this.email = email;
        this.access = access;
        this.json = json;
    }

    @Timeout(WHOLE_ANSWER_MILLIS)
    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    ServiceStatus cleanup() {
        return said(Neighbours.CLEANUP, () -> cleanup.status(authorization()));
    }

    @Timeout(WHOLE_ANSWER_MILLIS)
    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    ServiceStatus email() {
        return said(Neighbours.EMAIL, () -> email.status(authorization()));
    }

    /** Whatever else answers at its address is not the neighbour. */
    private ServiceStatus said(String name, Supplier<@Nullable InputStream> call) {
        try {
            ServiceStatus status = SmallAnswers.read(json, call, ServiceStatus.class);
            if (status == null || !name.equals(status.service())) {
                throw new IllegalStateException("not the answer of " + name);
            }
            return status;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not the answer of " + name, e);
        } catch (IOException e) {
            throw new ProcessingException(e);
        }
    }

    private String authorization() {
        return "Bearer " + access.serviceKey().orElse("");
    }
}
