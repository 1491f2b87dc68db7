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

/**
 * No neighbour that is well: there is no cleanup-service, and email-service answers every mail with the conflict whose name is
 * the idempotency key; to {@code never-ends} and {@code trickles} it does what they say, to a key that is JSON it answers that, and to one
 * that begins with a status it answers so, with the rest as the body.
 */
public final class ConflictingEmailService implements Surroundings {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    public ConflictingEmailService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/emails", ConflictingEmailService::answer);
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

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String key = String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
        switch (key) {
            case "never-ends" -> beginAndNeverEnd(exchange);
            case "trickles" -> trickle(exchange);
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
        return Map.of(
                "EMAIL_URL",
                "http://127.0.0.1:" + server.getAddress().getPort(),
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
