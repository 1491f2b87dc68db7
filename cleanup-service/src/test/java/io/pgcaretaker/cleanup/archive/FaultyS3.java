package io.pgcaretaker.cleanup.archive;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/** An S3 server that keeps what it is given, until it is told how to fail. */
final class FaultyS3 implements AutoCloseable {

    /** How it answers. */
    enum Fault {
        NONE,
        /** It keeps what it was sent, and says that it was something else. */
        WRONG_ETAG,
        /** It says 200 to a write, in the body that it failed, and keeps nothing. */
        ERROR_IN_200,
        /** It says 200 to a write and keeps nothing. */
        LOST,
        /** It keeps the first half of what it was sent. */
        HALF,
        /** It is away for five answers, and back then. */
        AWAY_FOR_A_WHILE,
        /** It keeps what it was sent and says 503: nobody learns that it is there. */
        KEPT_AND_503,
        EXPIRED,
        /** It keeps what it was sent, and the connection ends before it says so. */
        CUT,
        /** It sends elsewhere, as S3 does for a bucket that is new. */
        REDIRECT,
        SKEWED,
        /** It does not say how long an object is. */
        NO_LENGTH
    }

    /** Keys on a page of a listing. */
    private static final int PAGE = 1_000;

    private final Map<String, byte[]> objects = new TreeMap<>();
    private final Map<String, Map<Integer, byte[]>> uploads = new HashMap<>();
    private final HttpServer server;
    private Fault fault = Fault.NONE;
    private int writesBefore;
    private int answers;

    FaultyS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, exchange.getRequestBody().readAllBytes());
            }
        });
        server.start();
    }

    Map<String, String> settings() {
        return Map.of(
                "archive-s3.bucket",
                "archive",
                "archive-s3.endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "archive-s3.path-style",
                "true",
                "archive-s3.timeout",
                "20s",
                "archive-s3.access-key-id",
                // As a Secret made of a file has it.
                "somebody\n",
                "archive-s3.secret-access-key",
                "secret");
    }

    /** From the write on that comes after so many. */
    synchronized void fail(Fault how, int after) {
        fault = how;
        writesBefore = after;
        answers = 0;
    }

    synchronized void put(String name, byte[] content) {
        objects.put(name, content);
    }

    synchronized byte[] get(String name) {
        return objects.getOrDefault(name, new byte[0]);
    }

    private synchronized void answer(HttpExchange exchange, byte[] body) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        String query = exchange.getRequestURI().getQuery() == null
                ? ""
                : exchange.getRequestURI().getQuery();
        String key = path.length() > "/archive/".length() ? path.substring("/archive/".length()) : "";
        boolean write = method.equals("PUT") || (method.equals("POST") && query.contains("uploadId"));
        Fault now = writesBefore > 0 ? Fault.NONE : fault;
        if (write && writesBefore > 0) {
            writesBefore--;
        }
        if (now == Fault.AWAY_FOR_A_WHILE && answers++ < 5) {
            send(exchange, 503, error("SlowDown"));
        } else if (now == Fault.EXPIRED) {
            send(exchange, 400, error("ExpiredToken"));
        } else if (now == Fault.REDIRECT) {
            exchange.getResponseHeaders()
                    .set("Location", "http://127.0.0.1:" + server.getAddress().getPort() + "/elsewhere/" + key);
            send(exchange, 307, error("TemporaryRedirect"));
        } else if (now == Fault.SKEWED) {
            send(exchange, 403, error("RequestTimeTooSkewed"));
        } else if (write && now == Fault.ERROR_IN_200) {
            send(exchange, 200, error("InternalError"));
        } else if (write && now == Fault.LOST) {
            send(exchange, 200, "");
        } else {
            keepOrShow(exchange, key, query, now == Fault.HALF ? half(body) : body, now);
        }
    }

    private static byte[] half(byte[] body) {
        return Arrays.copyOf(body, body.length / 2);
    }

    private void keepOrShow(HttpExchange exchange, String key, String query, byte[] body, Fault now)
            throws IOException {
        switch (exchange.getRequestMethod()) {
            case "PUT" -> {
                if (now == Fault.CUT && !query.contains("partNumber")) {
                    objects.put(key, body);
                    return;
                }
                if (query.contains("partNumber")) {
                    int part = Integer.parseInt(query.replaceAll(".*partNumber=(\\d+).*", "$1"));
                    uploads.computeIfAbsent(key, any -> new TreeMap<>()).put(part, body);
                } else {
                    objects.put(key, body);
                }
                exchange.getResponseHeaders()
                        .set("ETag", now == Fault.WRONG_ETAG ? "\"00000000000000000000000000000000\"" : "\"e\"");
                send(exchange, now == Fault.KEPT_AND_503 ? 503 : 200, "");
            }
            case "POST" -> {
                if (query.contains("uploadId")) {
                    ByteArrayOutputStream whole = new ByteArrayOutputStream();
                    for (byte[] part : uploads.getOrDefault(key, Map.of()).values()) {
                        whole.write(part);
                    }
                    objects.put(key, whole.toByteArray());
                    send(
                            exchange,
                            now == Fault.KEPT_AND_503 ? 503 : 200,
                            "<CompleteMultipartUploadResult><Key>" + key + "</Key></CompleteMultipartUploadResult>");
                } else {
                    send(
                            exchange,
                            200,
                            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
                }
            }
            case "DELETE" -> {
                objects.remove(key);
                send(exchange, 204, "");
            }
            default -> show(exchange, key, query);
        }
    }

    private void show(HttpExchange exchange, String key, String query) throws IOException {
        if (query.contains("uploads")) {
            send(exchange, 200, "<ListMultipartUploadsResult></ListMultipartUploadsResult>");
        } else if (key.isEmpty()) {
            send(exchange, 200, listing(query));
        } else if (!objects.containsKey(key)) {
            send(exchange, 404, exchange.getRequestMethod().equals("HEAD") ? "" : error("NoSuchKey"));
        } else if (exchange.getRequestMethod().equals("HEAD")) {
            if (fault != Fault.NO_LENGTH || writesBefore > 0) {
                exchange.getResponseHeaders().set("Content-Length", "" + get(key).length);
            }
            exchange.sendResponseHeaders(200, -1);
        } else {
            exchange.sendResponseHeaders(200, get(key).length);
            exchange.getResponseBody().write(get(key));
        }
    }

    private String listing(String query) {
        String after =
                query.contains("continuation-token=") ? query.replaceAll(".*continuation-token=([^&]*).*", "$1") : "";
        List<String> keys = objects.keySet().stream()
                .filter(key -> key.compareTo(after) > 0)
                .limit(PAGE + 1L)
                .toList();
        StringBuilder xml = new StringBuilder("<ListBucketResult>");
        keys.stream()
                .limit(PAGE)
                .forEach(key -> xml.append("<Contents><Key>")
                        .append(key)
                        .append("</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>"));
        boolean more = keys.size() > PAGE;
        xml.append("<IsTruncated>").append(more).append("</IsTruncated>");
        if (more) {
            xml.append("<NextContinuationToken>").append(keys.get(PAGE - 1)).append("</NextContinuationToken>");
        }
        return xml.append("</ListBucketResult>").toString();
    }

    private static String error(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                + "</Code><Message>no</Message></Error>";
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean none = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
        if (!none) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
