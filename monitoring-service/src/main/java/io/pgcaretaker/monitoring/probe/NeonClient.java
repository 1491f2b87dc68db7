package io.pgcaretaker.monitoring.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.WholeAnswer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Asks Neon's control plane. */
final class NeonClient implements ControlPlane {

    private static final Logger LOG = Logger.getLogger(NeonClient.class);
    static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int OK = 200;

    private final HttpClient http;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpRequest request;
    private final Duration deadline;
    private final RepeatedFailure unknown;

    /** @param deadline the longest an answer may take to its last byte */
    NeonClient(MonitoringConfig.Neon neon, Duration deadline) {
        this.deadline = deadline;
        this.http = HttpClient.newBuilder().connectTimeout(deadline).build();
        this.unknown =
                new RepeatedFailure(LOG, "control plane does not say whether it sleeps endpoint=" + neon.endpoint());
        this.request = HttpRequest.newBuilder(
                        URI.create(neon.api() + "/projects/" + neon.project() + "/endpoints/" + neon.endpoint()))
                .header("Authorization", "Bearer " + neon.apiKey())
                .header("Accept", "application/json")
                .build();
    }

    @Override
    public ComputeState look() {
        try {
            HttpResponse<String> answer = WholeAnswer.of(http, request, WholeAnswer.text(), deadline);
            if (answer.statusCode() != OK) {
                unknown.happened("status=" + answer.statusCode());
                return ComputeState.UNKNOWN;
            }
            JsonNode endpoint = json.readTree(answer.body()).path("endpoint");
            unknown.isOver();
            return new ComputeState(
                    kind(endpoint.path("current_state").asText()),
                    instant(endpoint.path("last_active").asText()));
        } catch (IOException e) {
            // What cannot be read says where, and with it what: only its kind is told.
            unknown.happened("cause=" + (e instanceof JsonProcessingException ? "not JSON" : e.getMessage()));
            return ComputeState.UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ComputeState.UNKNOWN;
        }
    }

    private static ComputeState.Kind kind(String state) {
        return switch (state) {
            case "active" -> ComputeState.Kind.ACTIVE;
            case "idle", "init" -> ComputeState.Kind.IDLE;
            default -> ComputeState.Kind.UNKNOWN;
        };
    }

    private static @Nullable Instant instant(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            LOG.debugf(e, "control plane says a time that is none");
            return null;
        }
    }
}
