package io.pgcaretaker.monitoring.neighbour;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.pgcaretaker.status.ServiceStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of another service.
 *
 * @param status its last answer, which stays when it goes silent
 * @param lookedAt the last look; absent before the first
 * @param downSince the first look without an answer; absent while it answers
 * @param error the name of what is wrong, without host names; absent while it answers
 */
public record Neighbour(
        String name,
        @Nullable ServiceStatus status,
        @Nullable Instant lookedAt,
        @Nullable Instant downSince,
        @Nullable String error) {

    static Neighbour unknown(String name) {
        return new Neighbour(name, null, null, null, null);
    }

    Neighbour answered(ServiceStatus answer, Instant at) {
        return new Neighbour(name, answer, at, null, null);
    }

    Neighbour silent(Instant at, String why) {
        return new Neighbour(name, status, at, downSince == null ? at : downSince, why);
    }

    @JsonIgnore
    public boolean isDown() {
        return downSince != null;
    }
}
