package io.pgcaretaker.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The packaged service of this module as a process of its own, on two free ports that it keeps over its starts; its output
 * is appended to a file.
 */
public final class PackagedService implements AutoCloseable {

    private static final Duration LONGEST_START = Duration.ofMinutes(3);

    private static final Duration LONGEST_END = Duration.ofSeconds(20);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final int port = FreePort.find();
    private final int managementPort = FreePort.find();
    private final Map<String, String> settings;
    private final Path log;
    private volatile @Nullable Process process;

    /** @param settings as {@link #process} takes them */
    public PackagedService(Path log, Map<String, String> settings) {
        this.log = log;
        this.settings = new HashMap<>(settings);
        this.settings.put("QUARKUS_HTTP_PORT", String.valueOf(port));
        this.settings.put("QUARKUS_MANAGEMENT_PORT", String.valueOf(managementPort));
    }

    /**
     * A start that is not waited for, on any ports.
     *
     * @param settings environment variables, and properties by their keys, which have a dot
     */
    public static Process process(Path log, Map<String, String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        Map<String, String> environment = new HashMap<>(Map.of(
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", "0",
                "QUARKUS_MANAGEMENT_PORT", "0"));
        settings.forEach((key, value) -> {
            if (key.contains(".")) {
                command.add("-D" + key + "=" + value);
            } else {
                environment.put(key, value);
            }
        });
        command.addAll(List.of(
                "-jar", Path.of("target", "quarkus-app", "quarkus-run.jar").toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Files.createDirectories(log.toAbsolutePath().getParent());
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Does not wait. */
    public void start() throws IOException {
        process = process(log, settings);
    }

    /** Starts it and waits until it is ready. */
    public void startReady() throws IOException {
        start();
        long end = System.nanoTime() + LONGEST_START.toNanos();
        while (!isReady()) {
            if (!isAlive() || System.nanoTime() > end) {
                close();
                throw new IllegalStateException("the service did not become ready:\n" + Files.readString(log));
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private boolean isReady() {
        try {
            HttpRequest request = HttpRequest.newBuilder(management().resolve("/q/health/ready"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the service starts", e);
        }
    }

    public boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** What it has said until now. */
    public String said() throws IOException {
        return Files.readString(log);
    }

    public URI base() {
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    public URI management() {
        return URI.create("http://127.0.0.1:" + managementPort + "/");
    }

    /** As kill -9 does. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    /** As an orchestrator stops it. */
    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroy();
            running.onExit()
                    .orTimeout(LONGEST_END.toSeconds(), TimeUnit.SECONDS)
                    .exceptionally(late -> running.destroyForcibly())
                    .join();
        }
    }
}
