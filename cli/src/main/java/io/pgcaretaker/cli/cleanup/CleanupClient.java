package io.pgcaretaker.cli.cleanup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Up;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** cleanup-service over REST. */
public final class CleanupClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A ledger of years is walked line by line, and a file may have millions of rows; the service has deadlines of its own. */
    private static final Duration DEADLINE = Duration.ofMinutes(15);

    private static final int LAST_PORT = 65_535;

    /** What was given is not repeated: it may have a password in it. */
    private static final String ADDRESS =
            "CLEANUP_URL must be an address such as http://localhost:8082, without user and password";

    private static final Pattern API_KEY = Pattern.compile("[\\x21-\\x7e]+");

    /** So often a question is asked that cannot be answered at this moment. */
    private static final int MOST = 5;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Duration deadline;
    private final String base;
    private final String apiKey;

    public CleanupClient(String url, String apiKey) {
        this(url, apiKey, DEADLINE);
    }

    CleanupClient(String url, String apiKey, Duration deadline) {
        this.deadline = deadline;
        this.base = base(url);
        this.apiKey = apiKey.strip();
        if (!API_KEY.matcher(this.apiKey).matches()) {
            // Java's client would repeat it in its complaint.
            throw new CannotException("CARETAKER_API_KEY must be one key, such as ctk_ and 32 letters and digits");
        }
    }

    /** Where a proxy puts it below a path, with that path. */
    private static String base(String url) {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            throw new CannotException(ADDRESS, e);
        }
        if (uri.getHost() == null
                || uri.getPort() > LAST_PORT
                || uri.getUserInfo() != null
                || uri.getQuery() != null
                || uri.getFragment() != null
                || !List.of("http", "https").contains(uri.getScheme())) {
            throw new CannotException(ADDRESS);
        }
        return uri.toString().replaceFirst("/+$", "");
    }

    /** Of the service at CLEANUP_URL, or else of the one that {@code up} runs here. */
    public static CleanupClient of(Map<String, String> environment, Up.@Nullable HomeSource here) {
        Optional<String> url = set(environment, "CLEANUP_URL");
        if (url.isPresent()) {
            return new CleanupClient(
                    url.get(),
                    set(environment, "CARETAKER_API_KEY")
                            .orElseThrow(() -> new CannotException(
                                    "CARETAKER_API_KEY is not set: a key with the role viewer at " + url.get())));
        }
        if (here == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        LocalState state = LocalState.read(here.home())
                .orElseThrow(() -> new CannotException(
                        "nothing runs here; ./caretaker up starts it, or set CLEANUP_URL and CARETAKER_API_KEY"));
        if (state.cleanup() == null) {
            throw new CannotException("this `up` runs no services; set CLEANUP_URL and CARETAKER_API_KEY");
        }
        return new CleanupClient(state.cleanup(), state.apiKey());
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** What the service said. */
    public record Answer(int status, String body) {

        /** Of a refusal. What stands before the service may answer, too, in words of its own. */
        public String detail() {
            try {
                return JSON.readTree(body).path("detail").asText("no reason is given");
            } catch (JsonProcessingException e) {
                return "no reason is given";
            }
        }
    }

    /**
     * The body of the answer.
     *
     * @param role who may ask this; told where the key lacks it
     * @param field that each such answer has
     */
    public JsonNode get(String path, String role, String field) throws InterruptedException {
        HttpRequest request = request(path).build();
        Answer answer = send(request);
        for (int asked = 1; answer.status() == 503 && asked < MOST; asked++) {
            // It has waited for a batch, for some seconds; the next one may be shorter.
            answer = send(request);
        }
        return read(answer, role, field);
    }

    public Answer post(String path, JsonNode body) throws InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer " + apiKey);
    }

    private Answer send(HttpRequest request) throws InterruptedException {
        CompletableFuture<HttpResponse<String>> sent = http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        try {
            // A deadline of the request's own would end with the head of the answer.
            HttpResponse<String> answer = sent.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(answer.statusCode(), answer.body());
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw doesNotAnswer(new IOException(
                    "not all of its answer came within " + deadline.toMinutes() + " minutes; it may go on there", e));
        } catch (ExecutionException e) {
            throw doesNotAnswer(e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause()));
        }
    }

    /** The body of a success; all else is told, and ends the command: an answer of somebody else would look like nothing to do. */
    public JsonNode read(Answer answer, String role, String field) {
        if (answer.status() != 200) {
            throw new CannotException("cleanup-service at " + base + " answers " + answer.status() + why(answer, role));
        }
        JsonNode body;
        try {
            body = JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            body = JSON.nullNode();
        }
        if (!body.has(field)) {
            throw new CannotException("what answers at " + base
                    + " is not cleanup-service, or something stands before it; set CLEANUP_URL to its address");
        }
        return body;
    }

    private CannotException doesNotAnswer(IOException cause) {
        // Java's client gives no reason where nobody listens.
        String reason = cause.getMessage() == null ? "no connection" : cause.getMessage();
        if (cause instanceof SSLException) {
            reason += "; where its certificate is of an authority of your own, name that to Java: JDK_JAVA_OPTIONS="
                    + "-Djavax.net.ssl.trustStore=FILE";
        }
        return new CannotException("cleanup-service at " + base + " does not answer: " + reason, cause);
    }

    private static String why(Answer answer, String role) {
        return switch (answer.status()) {
            case 401 -> ": the key is not known there; is it in that service's CARETAKER_API_KEYS?";
            case 403 -> ": the key lacks the role " + role + " there";
            case 400, 404, 409, 422, 503 -> ": " + answer.detail();
            case 301, 302, 303, 307, 308 ->
                ": it is elsewhere, or asks to sign in; set CLEANUP_URL to its own address, http or"
                        + " https as it is";
            case 502, 504 -> ": a proxy before it got no answer in time; what was asked may go on there";
            default -> "; its log says why";
        };
    }
}
