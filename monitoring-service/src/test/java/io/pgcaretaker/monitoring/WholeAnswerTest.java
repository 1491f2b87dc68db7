package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WholeAnswerTest {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final CountDownLatch hungUp = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/short", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(new byte[] {'{', '}'});
            exchange.close();
        });
        server.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] part = new byte[10_000];
            try {
                while (true) {
                    exchange.getResponseBody().write(part);
                }
            } finally {
                hungUp.countDown();
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String read(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
                .build();
        return WholeAnswer.of(HttpClient.newHttpClient(), request, WholeAnswer.text(), DEADLINE)
                .body();
    }

    @Test
    void anAnswerIsReadToItsEnd() throws Exception {
        assertThat(read("/short")).isEqualTo("{}");
    }

    /** It was kept as a whole, and ended the service by its heap. */
    @Test
    void anAnswerWithoutAnEndIsHungUpOn() throws Exception {
        assertThatThrownBy(() -> read("/endless")).isInstanceOf(IOException.class);

        assertThat(hungUp.await(30, TimeUnit.SECONDS)).isTrue();
    }
}
