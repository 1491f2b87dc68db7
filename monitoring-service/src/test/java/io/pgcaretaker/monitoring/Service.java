package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The packaged service as a process of its own. */
final class Service implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final PackagedService process;

    private Service(PackagedService process) {
        this.process = process;
    }

    static Service start(Map<String, String> environment) throws IOException {
        PackagedService process = new PackagedService(Path.of("target", "service-under-test.log"), quick(environment));
        process.start();
        return new Service(process);
    }

    static Process process(Map<String, String> environment, Path log) throws IOException {
        return PackagedService.process(log, quick(environment));
    }

    private static Map<String, String> quick(Map<String, String> environment) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "caretaker.monitoring.collect.fast-interval", "1s",
                "caretaker.monitoring.alerts.evaluate-interval", "1s",
                "caretaker.monitoring.alerts.keep-firing", "1s",
                "caretaker.monitoring.alerts.database-down-for", "1s",
                "caretaker.monitoring.neighbours.interval", "1s",
                "caretaker.monitoring.alerts.service-down-for", "1s",
                "caretaker.database.probe-interval", "1s",
                "caretaker.monitoring.targets.other.url", environment.get("DATABASE_URL"),
                "caretaker.monitoring.targets.gone.url", "postgresql://postgres:x@127.0.0.1:1/postgres"));
        settings.putAll(environment);
        return settings;
    }

    static int freePort() {
        return FreePort.find();
    }

    /** The status, or 0 when nobody listens. */
    int status(String path) {
        return get(process.base(), path).map(HttpResponse::statusCode).orElse(0);
    }

    int managementStatus(String path) {
        return get(process.management(), path).map(HttpResponse::statusCode).orElse(0);
    }

    String body(String path) {
        return get(process.base(), path).map(HttpResponse::body).orElse("");
    }

    String managementBody(String path) {
        return get(process.management(), path).map(HttpResponse::body).orElse("");
    }

    JsonNode json(String path) throws IOException {
        return new ObjectMapper().readTree(body(path));
    }

    private Optional<HttpResponse<String>> get(URI on, String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(on.resolve(path))
                    .header("Authorization", "Bearer " + TestKeys.OPERATOR)
                    .timeout(Duration.ofSeconds(20))
                    .build();
            return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
