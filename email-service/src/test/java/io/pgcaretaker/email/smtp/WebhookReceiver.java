package io.pgcaretaker.email.smtp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Applications that listen: one answers as it is told to, one takes every call and never answers. */
public final class WebhookReceiver implements AutoCloseable {

    /** A secret of each. */
    public static final String SECRET = "whsec_c2VjcmV0IG9mIHRoZSBhcHBsaWNhdGlvbiE=";

    public static final String OLD_SECRET = "whsec_b2xkIHNlY3JldCBvZiB0aGUgYXBwbGljYXRpb24=";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "webhook-receiver");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch never = new CountDownLatch(1);
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile Function<Call, Integer> answer = call -> 204;

    /** What it was told. */
    public record Call(String id, String timestamp, String signature, String body) {}

    public WebhookReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/app", this::hear);
        server.createContext("/silent", this::neverAnswer);
        server.createContext("/elsewhere", exchange -> calls.add(new Call("redirected", "", "", "")));
        server.start();
    }

    private void hear(HttpExchange exchange) throws IOException {
        Call call = new Call(
                exchange.getRequestHeaders().getFirst("svix-id"),
                exchange.getRequestHeaders().getFirst("svix-timestamp"),
                exchange.getRequestHeaders().getFirst("svix-signature"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        calls.add(call);
        exchange.getResponseHeaders().set("Location", url("/elsewhere"));
        exchange.sendResponseHeaders(answer.apply(call), -1);
        exchange.close();
    }

    private void neverAnswer(HttpExchange exchange) throws IOException {
        try {
            never.await();
        } catch (InterruptedException e) {
            exchange.close();
        }
    }

    public void answer(Function<Call, Integer> next) {
        answer = next;
    }

    /** About one recipient, in the order in which they came. */
    public List<Call> about(String recipient) {
        return calls.stream()
                .filter(call -> call.body().contains("\"" + recipient + "\""))
                .toList();
    }

    public List<Call> calls() {
        return List.copyOf(calls);
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        never.countDown();
        threads.shutdownNow();
        server.stop(0);
    }
}
