package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Latency;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** monitoring-service over REST; the deadlines are {@code quarkus.rest-client.monitoring-latency.*}. */
@ApplicationScoped
public class MonitoringClient {

    private final MonitoringApi api;
    private final AccessConfig access;

    MonitoringClient(@RestClient MonitoringApi api, AccessConfig access) {
        this.api = api;
        this.access = access;
    }

    @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.75, delay = 15_000)
    Latency latency() {
        return api.latency("Bearer " + access.serviceKey().orElse(""));
    }
}
