package io.pgcaretaker.cleanup.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/** A way to a server of this machine on which each answer takes a while. */
final class SlowRelay implements Closeable {

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final Duration delay;

    SlowRelay(int server, Duration delay) throws IOException {
        this.server = server;
        this.delay = delay;
        start(this::serve);
    }

    int port() {
        return door.getLocalPort();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Ends when one of its sockets is closed. */
    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() throws IOException {
        while (true) {
            Socket caller = door.accept();
            Socket called = new Socket(InetAddress.getLoopbackAddress(), server);
            start(() -> pass(caller, called, Duration.ZERO));
            start(() -> pass(called, caller, delay));
        }
    }

    private static void pass(Socket from, Socket to, Duration delay) throws IOException, InterruptedException {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                Thread.sleep(delay.toMillis());
                out.write(buffer, 0, read);
            }
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
