package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** cleanup-service's ledger over REST. */
final class LedgerClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A ledger of years is walked line by line. */
    private static final Duration DEADLINE = Duration.ofMinutes(10);

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
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/api/cleanup/ledger/verify"))
                .timeout(DEADLINE)
                .header("Authorization", "Bearer " + apiKey)
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new CannotException("cleanup-service at " + base + " answers " + answer.statusCode()
                        + (answer.statusCode() == 401 || answer.statusCode() == 403
                                ? ": the key lacks the role viewer there"
                                : "; its log says why"));
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new CannotException("cleanup-service at " + base + " does not answer: " + e.getMessage(), e);
        }
    }
}
