package io.pgcaretaker.email;

import static org.awaitility.Awaitility.await;

import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.TestKeys;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The packaged email-service as a process of its own. */
final class ServiceProcess implements AutoCloseable {

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final int httpPort = FreePort.find();
    private final int managementPort = FreePort.find();
    private final ProcessBuilder command;
    private volatile @Nullable Process process;

    ServiceProcess(String databaseUrl, int smtpPort) {
        this(databaseUrl, smtpPort, Duration.ofSeconds(2));
    }

    ServiceProcess(String databaseUrl, int smtpPort, Duration sendDeadline) {
        command = new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-jar",
                "target/quarkus-app/quarkus-run.jar");
        command.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("target/crash-it.log")));
        command.environment()
                .putAll(Map.of(
                        "DATABASE_URL",
                        databaseUrl,
                        "SMTP_URL",
                        "smtp://127.0.0.1:" + smtpPort,
                        "CARETAKER_API_KEYS",
                        TestKeys.CONFIGURATION,
                        "QUARKUS_HTTP_HOST",
                        "127.0.0.1",
                        "QUARKUS_HTTP_PORT",
                        String.valueOf(httpPort),
                        "QUARKUS_MANAGEMENT_HOST",
                        "127.0.0.1",
                        "QUARKUS_MANAGEMENT_PORT",
                        String.valueOf(managementPort),
                        "CARETAKER_EMAIL_DELIVERY_LEASE",
                        sendDeadline.multipliedBy(2).toString(),
                        "CARETAKER_EMAIL_DELIVERY_SEND_DEADLINE",
                        sendDeadline.toString()));
    }

    void start() throws IOException {
        process = command.start();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .until(this::isReady);
    }

    /** SIGKILL. */
    void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    private boolean isReady() {
        Process running = process;
        if (running != null && !running.isAlive()) {
            throw new IllegalStateException("the service ended with " + running.exitValue());
        }
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create(
                                                    "http://127.0.0.1:" + managementPort + "/q/health/ready"))
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** One mail after the other, each repeated with its key until it is answered, as an application would. */
    void handIn(String caller, Map<String, String> accepted, AtomicBoolean enough) {
        for (int i = 0; !enough.get(); i++) {
            String recipient = caller + "-" + i + "@x.test";
            String id = null;
            while (id == null && !Thread.currentThread().isInterrupted()) {
                id = tryHandIn(recipient);
                if (id == null) {
                    LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                }
            }
            if (id != null) {
                accepted.put(recipient, id);
            }
        }
    }

    private @Nullable String tryHandIn(String recipient) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/emails"))
                .timeout(Duration.ofSeconds(5))
                .header("Authorization", "Bearer " + TestKeys.SENDER)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", recipient)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"from\":\"a@acme.test\",\"to\":\"" + recipient + "\",\"subject\":\"crash\",\"text\":\"x\"}"))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Hands a mail of the application in, as JSON, and expects it to be taken. */
    void post(String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + TestKeys.SENDER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    /** A metric without labels of its own. */
    double metric(String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/q/metrics"))
                .timeout(Duration.ofSeconds(10))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        kill();
    }
}
