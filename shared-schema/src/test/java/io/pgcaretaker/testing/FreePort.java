package io.pgcaretaker.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port for a process that a test starts. */
public final class FreePort {

    private FreePort() {}

    /**
     * A free port below the range that outgoing connections take theirs from: there, a client that keeps trying a closed
     * port can end up connected to itself and hold the port against the service that comes back.
     */
    public static int find() {
        int port = 0;
        while (!isFree(port)) {
            port = ThreadLocalRandom.current().nextInt(20_000, 31_000);
        }
        return port;
    }

    private static boolean isFree(int port) {
        if (port == 0) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
