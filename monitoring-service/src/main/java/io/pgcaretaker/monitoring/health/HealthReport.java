package io.pgcaretaker.monitoring.health;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * The public answer; it names no host, no account and no SQL.
 *
 * @param timestamp when this was said; the looks behind it are seconds old at most
 */
public record HealthReport(Status status, Instant timestamp, List<Check> checks) {

    /** In words a load balancer and a person understand. */
    public enum Status {
        @JsonProperty("healthy")
        HEALTHY(200),
        @JsonProperty("degraded")
        DEGRADED(207),
        @JsonProperty("unhealthy")
        UNHEALTHY(503);

        private final int httpStatus;

        Status(int httpStatus) {
            this.httpStatus = httpStatus;
        }

        public int httpStatus() {
            return httpStatus;
        }
    }

    /** One thing that was looked at. */
    public record Check(String name, Result status, String details) {}

    /** As the contract has it. */
    public enum Result {
        @JsonProperty("pass")
        PASS,
        @JsonProperty("fail")
        FAIL
    }

    public HealthReport {
        checks = List.copyOf(checks);
    }
}
