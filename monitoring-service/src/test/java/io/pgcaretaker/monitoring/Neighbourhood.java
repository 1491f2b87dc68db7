package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Stands for cleanup-service and email-service; keeps each mail once by its key, as email-service does. */
final class Neighbourhood implements AutoCloseable {

    private final HttpServer server;
    private final Map<String, JsonNode> mails = new ConcurrentHashMap<>();

    /** @param port 0 for any */
    Neighbourhood(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext(
                "/api/",
                exchange -> answer(
                        exchange,
                        "{\"service\":\"" + name(exchange)
                                + "\",\"version\":\"1\",\"startedAt\":\"2026-01-01T00:00:00Z\",\"details\":{}}"));
        server.createContext("/emails", exchange -> {
            JsonNode mail = new ObjectMapper().readTree(exchange.getRequestBody());
            mails.put(exchange.getRequestHeaders().getFirst("Idempotency-Key"), mail);
            answer(exchange, "{\"id\":\"" + UUID.randomUUID() + "\"}");
        });
        server.start();
    }

    private static String name(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().contains("/cleanup/") ? "cleanup-service" : "email-service";
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** By idempotency key. */
    Map<String, JsonNode> mails() {
        return mails;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
