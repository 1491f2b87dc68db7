package io.pgcaretaker.cleanup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no client library sends, byte by byte. */
@ServiceTest(Enforcing.class)
class UnclearRequestIT {

    PackagedService service;

    /** The answer to the last byte; the service ends the connection. */
    private String answerTo(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.base().getPort())) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    /** As some health checks of load balancers ask: HTTP/1.0, and no host. */
    @Test
    void whoDoesNotSayWhichHostIsAnsweredAsAnybody() throws Exception {
        assertThat(answerTo("GET /api/cleanup/restore/AAAA?added=on-the-way HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.0 404")
                .contains("This link does not work");
    }

    /** In HTTP/1.1 it is a fault, and the caller's: no error in the log, which would have the link in it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a b:x\r\n"})
    void hostThatIsMissingOrNoneIsTheCallersFault(String host) throws Exception {
        String link = "Link" + host.length();

        String answer = answerTo("GET /api/cleanup/restore/" + link + " HTTP/1.1\r\n" + host + "\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400")
                .contains("application/problem+json", "must say which host")
                .doesNotContain("Error id");
        assertThat(service.said()).doesNotContain(link);
    }
}
