package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** cleanup-service's ledger over REST. */
final class LedgerClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A ledger of years is walked line by line. */
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    /** So often a question is asked that cannot be answered at this moment. */
    private static final int MOST = 5;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI base;
    private final String apiKey;

    LedgerClient(String url, String apiKey) {
        if (!url.matches("https?://[^/?#]+/?")) {
            throw new CannotException("CLEANUP_URL must be such as http://localhost:8082, but is " + url);
        }
        this.base = URI.create(url);
        this.apiKey = apiKey;
    }

    JsonNode verify() throws InterruptedException {
        return send(request("/api/cleanup/ledger/verify").build(), "viewer");
    }

    /** One page of digests after the one of that id. */
    JsonNode erasures(long after) throws InterruptedException {
        return send(request("/api/cleanup/ledger/erasures?after=" + after).build(), "operator");
    }

    /**
     * Erases again; by the service's own ledger where {@code digests} is null. The key's id is empty where nobody knows it. Of
     * digests that were made under another key the answer says why they are refused, as {@code otherKey}.
     */
    JsonNode replay(String keyId, @Nullable List<String> digests, boolean dryRun) throws InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("dryRun", dryRun);
        if (!keyId.isEmpty()) {
            body.put("keyId", keyId);
        }
        if (digests != null) {
            digests.forEach(body.putArray("digests")::add);
        }
        HttpResponse<String> answer = answer(request("/api/cleanup/ledger/replay")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
        return answer.statusCode() == 409 && !keyId.isEmpty()
                ? JSON.createObjectNode().put("otherKey", detail(answer.body()))
                : read(answer, "operator");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).timeout(DEADLINE).header("Authorization", "Bearer " + apiKey);
    }

    private JsonNode send(HttpRequest request, String role) throws InterruptedException {
        return read(answer(request), role);
    }

    private HttpResponse<String> answer(HttpRequest request) throws InterruptedException {
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            for (int asked = 1; answer.statusCode() == 503 && request.method().equals("GET") && asked < MOST; asked++) {
                // It has waited for a batch, for some seconds; the next one may be shorter.
                answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            }
            return answer;
        } catch (IOException e) {
            throw doesNotAnswer(e);
        }
    }

    private JsonNode read(HttpResponse<String> answer, String role) {
        if (answer.statusCode() != 200) {
            throw new CannotException(
                    "cleanup-service at " + base + " answers " + answer.statusCode() + why(answer, role));
        }
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw doesNotAnswer(e);
        }
    }

    private CannotException doesNotAnswer(IOException cause) {
        return new CannotException("cleanup-service at " + base + " does not answer: " + cause.getMessage(), cause);
    }

    private static String why(HttpResponse<String> answer, String role) {
        return switch (answer.statusCode()) {
            case 401 -> ": the key is not known there; is it in that service's CARETAKER_API_KEYS?";
            case 403 -> ": the key lacks the role " + role + " there";
            case 400, 409, 422, 503 -> ": " + detail(answer.body());
            default -> "; its log says why";
        };
    }

    /** What stands before the service may answer, too, in words of its own. */
    private static String detail(String body) {
        try {
            return JSON.readTree(body).path("detail").asText("no reason is given");
        } catch (JsonProcessingException e) {
            return "no reason is given";
        }
    }
}
