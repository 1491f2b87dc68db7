package io.pgcaretaker.cleanup.throttle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Latency;
import io.pgcaretaker.status.SmallAnswers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** monitoring-service over REST; the deadlines are {@code quarkus.rest-client.monitoring-latency.*}. */
@ApplicationScoped
public class MonitoringClient {

    /** The client's own timeouts end with the answer's head; after a body that never ends nobody would be asked any more. */
    private static final long WHOLE_ANSWER_MILLIS = 4000;

    private final MonitoringApi api;
    private final AccessConfig access;
    private final ObjectMapper json;

    MonitoringClient(@RestClient MonitoringApi api, AccessConfig access, ObjectMapper json) {
        this.api = api;
        this.access = access;
        this.json = json;
    }

    @Timeout(WHOLE_ANSWER_MILLIS)
    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    Latency latency() {
        try {
            Latency said = SmallAnswers.read(
                    json, () -> api.latency("Bearer " + access.serviceKey().orElse("")), Latency.class);
            if (said == null) {
                throw new IllegalStateException("an empty answer");
            }
            return said;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("another answer than monitoring-service's", e);
        } catch (IOException e) {
            throw new ProcessingException(e);
        }
    }
}
