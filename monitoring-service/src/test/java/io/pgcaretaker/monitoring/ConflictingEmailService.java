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
 * the idempotency key.
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

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = ("{\"statusCode\":409,\"name\":\""
                        + exchange.getRequestHeaders().getFirst("Idempotency-Key") + "\",\"message\":\"x\"}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(409, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("EMAIL_URL", "http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
