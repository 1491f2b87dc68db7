package io.pgcaretaker.cli.inbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pgcaretaker.cli.local.Json;
import io.pgcaretaker.cli.process.Loopback;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The inbox over HTTP: {@code /} and {@code /messages/ID} for people, {@code /api/messages[/ID]} for scripts.
 *
 * <p>A mail may hold a reset link and may be written by anybody. So: only callers that name this machine (a web page
 * which rebinds its host name to 127.0.0.1 does not), and a mail's HTML runs no script and loads nothing.
 */
final class InboxServer implements AutoCloseable {

    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private static final String PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'";
    private static final String MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    private final HttpServer server;
    private final ExecutorService threads;

    private InboxServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    static InboxServer start(int port, Inbox inbox) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(Loopback.V4, port), 0);
        ExecutorService threads = Executors.newFixedThreadPool(2, InboxServer::thread);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                send(exchange, answer(exchange, inbox));
            }
        });
        server.start();
        return new InboxServer(server, threads);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "inbox");
        thread.setDaemon(true);
        return thread;
    }

    private record Answer(int status, String type, String policy, String body) {

        static Answer json(Object value) throws IOException {
            return new Answer(200, "application/json", PAGE_POLICY, Json.MAPPER.writeValueAsString(value));
        }

        static Answer page(String html) {
            return new Answer(200, "text/html; charset=utf-8", PAGE_POLICY, html);
        }

        static Answer problem(int status, String title) throws IOException {
            String body = Json.MAPPER.writeValueAsString(Map.of("status", status, "title", title));
            return new Answer(status, "application/problem+json", PAGE_POLICY, body);
        }
    }

    private static Answer answer(HttpExchange exchange, Inbox inbox) throws IOException {
        String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("");
        if (!OWN_NAMES.contains(host.replaceFirst(":\\d+$", ""))) {
            return Answer.problem(403, "call this inbox by the name localhost");
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.problem(405, "this path takes GET");
        }
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/")) {
            return Answer.page(InboxPage.list(inbox.all()));
        }
        if (path.equals("/api/messages")) {
            return Answer.json(inbox.all().stream().map(Mail::summary).toList());
        }
        Optional<Mail> mail =
                inbox.find(path.replaceFirst("^(/api)?/messages/", "").replaceFirst("/html$", ""));
        if (mail.isEmpty()) {
            return Answer.problem(404, "no such mail; the oldest make room for the newest");
        }
        if (path.startsWith("/api/")) {
            return Answer.json(mail.get().whole());
        }
        if (path.endsWith("/html")) {
            String html = Optional.ofNullable(mail.get().html()).orElse("");
            return new Answer(200, "text/html; charset=utf-8", MAIL_POLICY, html);
        }
        return Answer.page(InboxPage.mail(mail.get()));
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.getResponseHeaders().set("Content-Security-Policy", answer.policy());
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
