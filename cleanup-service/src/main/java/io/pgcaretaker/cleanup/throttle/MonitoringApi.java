package io.pgcaretaker.cleanup.throttle;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.pgcaretaker.status.SmallAnswers;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jspecify.annotations.Nullable;

/** The part of monitoring-service's contract that is read here. */
@Path("/api/monitoring/database/latency")
@RegisterProvider(value = SmallAnswers.class, priority = SmallAnswers.FIRST)
@RegisterRestClient(configKey = "monitoring-latency")
interface MonitoringApi {

    @GET
    @Nullable
    InputStream latency(@HeaderParam("Authorization") String authorization);

    /**
     * How long the application's statements took in the last seconds.
     *
     * @param calls how many of them ended
     * @param compared those of which it is known how long they usually take
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Latency(
            boolean available,
            @Nullable String reason,
            @Nullable String needs,
            @Nullable Long calls,
            @Nullable Double meanMs,
            @Nullable Compared compared) {

        String reasons() {
            return (reason == null ? "monitoring-service cannot tell" : reason)
                    + (needs == null ? "" : ": needs " + needs);
        }

        Map<String, Object> numbers() {
            Map<String, Object> numbers = new TreeMap<>();
            if (meanMs != null) {
                numbers.put("meanMs", meanMs);
            }
            if (compared != null) {
                numbers.put("comparedMs", compared.meanMs());
                numbers.put("usualMs", compared.usualMs());
            }
            return numbers;
        }
    }

    /** The same statements, now and as they usually are. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Compared(long calls, double meanMs, double usualMs) {}
}
