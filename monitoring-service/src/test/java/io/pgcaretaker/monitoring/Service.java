package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.testing.FreePort;
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
import java.util.concurrent.TimeUnit;

/** The packaged service as a process of its own. */
final class Service implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;
    private final int managementPort;

    private Service(Process process, int port, int managementPort) {
        this.process = process;
        this.port = port;
        this.managementPort = managementPort;
    }

    static Service start(Map<String, String> environment) throws IOException {
        int port = freePort();
        int managementPort = freePort();
        Map<String, String> all = new HashMap<>(environment);
        all.put("QUARKUS_HTTP_PORT", String.valueOf(port));
        all.put("QUARKUS_MANAGEMENT_PORT", String.valueOf(managementPort));
        return new Service(process(all, Path.of("target", "service-under-test.log")), port, managementPort);
    }

    static Process process(Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "-Dcaretaker.monitoring.collect.fast-interval=1s",
                "-Dcaretaker.monitoring.alerts.evaluate-interval=1s",
                "-Dcaretaker.monitoring.alerts.keep-firing=1s",
                "-Dcaretaker.monitoring.alerts.database-down-for=1s",
                "-Dcaretaker.monitoring.neighbours.interval=1s",
                "-Dcaretaker.monitoring.alerts.service-down-for=1s",
                "-Dcaretaker.database.probe-interval=1s",
                "-Dcaretaker.monitoring.targets.other.url=" + environment.get("DATABASE_URL"),
                "-Dcaretaker.monitoring.targets.gone.url=postgresql://postgres:x@127.0.0.1:1/postgres",
                "-jar",
                Path.of("target", "quarkus-app", "quarkus-run.jar").toString());
        builder.environment().putAll(Map.of("QUARKUS_HTTP_HOST", "127.0.0.1", "QUARKUS_MANAGEMENT_HOST", "127.0.0.1"));
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    static int freePort() {
        return FreePort.find();
    }

    /** The status, or 0 when nobody listens. */
    int status(String path) {
        return get(port, path).map(HttpResponse::statusCode).orElse(0);
    }

    int managementStatus(String path) {
        return get(managementPort, path).map(HttpResponse::statusCode).orElse(0);
    }

    String body(String path) {
        return get(port, path).map(HttpResponse::body).orElse("");
    }

    String managementBody(String path) {
        return get(managementPort, path).map(HttpResponse::body).orElse("");
    }

    JsonNode json(String path) throws IOException {
        return new ObjectMapper().readTree(body(path));
    }

    private Optional<HttpResponse<String>> get(int onPort, String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + onPort + path))
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

    /** As kill -9 does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .orTimeout(20, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
