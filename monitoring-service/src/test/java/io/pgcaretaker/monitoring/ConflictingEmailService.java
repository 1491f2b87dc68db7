package io.pgcaretaker.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pgcaretaker.testing.Surroundings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * No neighbour that is well: something else is at cleanup-service's address, and email-service answers every mail with the conflict
 * whose name is the idempotency key; to {@code never-ends}, {@code trickles} and those of {@code floods} it does what they say, to a
 * key that is JSON it answers that, and to one that begins with a status it answers so, with the rest as the body.
 */
public final class ConflictingEmailService implements Surroundings {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final AtomicInteger looks = new AtomicInteger();

    public ConflictingEmailService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/emails", ConflictingEmailService::answer);
        server.createContext("/api/cleanup/status", this::answerWithNothingOrFlood);
        server.createContext("/api/email/status", ConflictingEmailService::beginAndNeverEnd);
        server.setExecutor(threads);
        server.start();
    }

    /** The head of an answer and one byte of its body. */
    private static void beginAndNeverEnd(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
    }

    /** The head of an answer and a byte now and then, until the caller goes. */
    private static void trickle(HttpExchange exchange) throws IOException {
        beginAndNeverEnd(exchange);
        try {
            for (int i = 0; i < 900; i++) {
                Thread.sleep(50);
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In turn: as a proxy, or another service, may answer; as fast as it can, until the caller goes. */
    private void answerWithNothingOrFlood(HttpExchange exchange) throws IOException {
        if (looks.getAndIncrement() % 2 == 0) {
            say(exchange, 200, "null");
        } else {
            flood(exchange, 200);
        }
    }

    private static void flood(HttpExchange exchange, int status) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, 0);
        byte[] part = "{\"a\":".repeat(2000).getBytes(StandardCharsets.UTF_8);
        while (true) {
            exchange.getResponseBody().write(part);
        }
    }

    /** The head of a refusal, and what it says when the head has long been read. */
    private static void refuseInParts(HttpExchange exchange) throws IOException {
        byte[] body =
                "{\"statusCode\":422,\"name\":\"validation_error\",\"message\":\"x\"}".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(422, body.length);
        exchange.getResponseBody().write(body, 0, 1);
        exchange.getResponseBody().flush();
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.getResponseBody().write(body, 1, body.length - 1);
        exchange.close();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String key = String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
        switch (key) {
            case "never-ends" -> beginAndNeverEnd(exchange);
            case "trickles" -> trickle(exchange);
            case "floods" -> flood(exchange, 200);
            case "refuses in a flood" -> flood(exchange, 422);
            case "refuses in parts" -> refuseInParts(exchange);
            default -> {
                if (key.startsWith("{")) {
                    say(exchange, 200, key);
                } else if (key.matches("[1-5]\\d\\d .*")) {
                    say(exchange, Integer.parseInt(key.substring(0, 3)), key.substring(4));
                } else {
                    say(exchange, 409, "{\"statusCode\":409,\"name\":\"" + key + "\",\"message\":\"x\"}");
                }
            }
        }
    }

    private static void say(HttpExchange exchange, int status, String answer) throws IOException {
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.startsWith("<") ? "text/html" : "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public Map<String, String> settings() {
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        return Map.of(
                "CLEANUP_URL",
                address,
                "EMAIL_URL",
                address,
                // As 13 s, but sooner.
                "io.pgcaretaker.outbox.EmailServiceClient$Calls/send/Timeout/value",
                "1500");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
