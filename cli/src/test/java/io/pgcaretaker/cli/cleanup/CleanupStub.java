package io.pgcaretaker.cli.cleanup;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A cleanup-service that answers what it is told to, and what a command prints meanwhile. */
public final class CleanupStub implements AutoCloseable {

    /** What a command asked. */
    public record Request(String method, String uri, String body) {}

    /** What it is told. */
    public record Answer(int status, String body) {}

    public final List<Request> requests = new CopyOnWriteArrayList<>();
    private final PrintStream console = System.out;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final HttpServer server;

    public CleanupStub(Function<Request, Answer> answers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            Answer answer = answers.apply(request);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    }

    /** As a command finds it. */
    public Map<String, String> environment() {
        return Map.of(
                "CLEANUP_URL", "http://127.0.0.1:" + server.getAddress().getPort(), "CARETAKER_API_KEY", "ctk_test");
    }

    public String output() {
        return output.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.setOut(console);
        server.stop(0);
    }
}
