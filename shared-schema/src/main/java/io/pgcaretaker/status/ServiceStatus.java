package io.pgcaretaker.status;

import java.time.Instant;
import java.util.Map;

/**
 * What a service says of itself at {@code GET /api/{cleanup,email}/status} (role viewer); monitoring-service reads it
 * for the dashboard and for "service down".
 *
 * @param service {@code cleanup-service} or {@code email-service}
 * @param version of the build
 * @param startedAt when this process started
 * @param details numbers worth a look, such as queue depth or the last run's state
 */
public record ServiceStatus(String service, String version, Instant startedAt, Map<String, Object> details) {

    public ServiceStatus {
        details = Map.copyOf(details);
    }
}
