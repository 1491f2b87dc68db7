package io.pgcaretaker.cli.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CleanupClientTest {

    /** It said: does not answer: null. */
    @Test
    void aServiceThatIsNotThereIsSaidNotToBe() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        CleanupClient client = new CleanupClient("http://127.0.0.1:" + free, "ctk_test");

        assertThatThrownBy(() -> client.get("/api/cleanup/ledger/verify", "viewer", "intact"))
                .isInstanceOf(CannotException.class)
                .hasMessageEndingWith("does not answer: no connection");
    }

    /** Each was a stack trace, that of the key with the key in it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:99999",
                "http://a_b:8082",
                "http://local host:1",
                "http://[::1",
                "ftp://host",
                "localhost:8082",
                "http://user:hunter2@host:8082"
            })
    void anAddressThatIsNoneIsASentence(String url) {
        assertThatThrownBy(() -> new CleanupClient(url, "ctk_test"))
                .isInstanceOf(CannotException.class)
                .hasMessageStartingWith("CLEANUP_URL must be")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctk_one\nctk_two", "ctk_\u00e9", "ctk_a b"})
    void aKeyThatIsNoneIsNotRepeated(String key) {
        assertThatThrownBy(() -> new CleanupClient("http://127.0.0.1:1", key))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("CARETAKER_API_KEY")
                .hasMessageNotContaining(key);
    }

    @Test
    void aProxyMayHaveItBelowAPath() throws Exception {
        try (CleanupStub service = new CleanupStub(request -> new CleanupStub.Answer(200, "{\"x\":1}"))) {
            new CleanupClient(service.environment().get("CLEANUP_URL") + "/retention/", "ctk_test")
                    .get("/api/cleanup/switch", "viewer", "x");
            assertThat(service.requests)
                    .extracting(CleanupStub.Request::uri)
                    .containsExactly("/retention/api/cleanup/switch");
        }
    }

    /** As where a proxy's other end has gone: a timer's export stood for ever, and with it all that came after it. */
    @Test
    void anAnswerThatStopsAmidItsBodyIsNotWaitedForForEver() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"intact\":"
                                    .getBytes(StandardCharsets.US_ASCII));
                    // Until the client goes.
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // It went.
                }
            });
            answering.start();
            CleanupClient client =
                    new CleanupClient("http://127.0.0.1:" + server.getLocalPort(), "ctk_test", Duration.ofMillis(300));

            assertThatThrownBy(() -> client.get("/api/cleanup/ledger/verify", "viewer", "intact"))
                    .isInstanceOf(CannotException.class)
                    .hasMessageContaining("not all of its answer came");
            answering.join();
        }
    }

    /** Its log says nothing of what a proxy answered. */
    @ParameterizedTest
    @CsvSource({"302, it is elsewhere", "308, it is elsewhere", "502, may go on there", "504, may go on there"})
    void whatStandsBeforeItIsTold(int status, String told) throws Exception {
        try (CleanupStub service = new CleanupStub(request -> new CleanupStub.Answer(status, "<html>"))) {
            CleanupClient client = new CleanupClient(service.environment().get("CLEANUP_URL"), "ctk_test");

            assertThatThrownBy(() -> client.get("/api/cleanup/switch", "viewer", "x"))
                    .isInstanceOf(CannotException.class)
                    .hasMessageContaining("answers " + status)
                    .hasMessageContaining(told)
                    .hasMessageNotContaining("its log");
        }
    }
}
