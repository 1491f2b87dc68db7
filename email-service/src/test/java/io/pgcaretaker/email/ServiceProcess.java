package io.pgcaretaker.email;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.TestKeys;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The packaged email-service as a process of its own. */
final class ServiceProcess implements AutoCloseable {

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final PackagedService service;

    ServiceProcess(String databaseUrl, int smtpPort) {
        this(databaseUrl, smtpPort, Duration.ofSeconds(2));
    }

    ServiceProcess(String databaseUrl, int smtpPort, Duration sendDeadline) {
        service = new PackagedService(
                Path.of("target", "crash-it.log"),
                Map.of(
                        "DATABASE_URL",
                        databaseUrl,
                        "SMTP_URL",
                        "smtp://127.0.0.1:" + smtpPort,
                        "CARETAKER_API_KEYS",
                        TestKeys.CONFIGURATION,
                        "CARETAKER_EMAIL_DELIVERY_LEASE",
                        sendDeadline.multipliedBy(2).toString(),
                        "CARETAKER_EMAIL_DELIVERY_SEND_DEADLINE",
                        sendDeadline.toString()));
    }

    void start() throws IOException {
        service.startReady();
    }

    /** SIGKILL. */
    void kill() {
        service.kill();
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
        HttpRequest request = HttpRequest.newBuilder(service.base().resolve("/emails"))
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
        HttpRequest request = HttpRequest.newBuilder(service.base().resolve(path))
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
        HttpRequest request = HttpRequest.newBuilder(service.management().resolve("/q/metrics"))
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
