package io.pgcaretaker.cli.cleanup;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.local.CannotException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

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
}
