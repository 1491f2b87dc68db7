package io.pgcaretaker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands before a database, which through it can hang: connections are taken, and nothing is answered, until it goes on. */
public final class DatabaseRelay implements AutoCloseable {

    private final ServerSocket server;
    private final URI database;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private boolean hangs;

    /** @param url as {@link TestDatabase#url} has it */
    public DatabaseRelay(String url) throws IOException {
        this.database = URI.create(url);
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        begin(this::accept);
    }

    public String url() {
        String whole = database.toString();
        return whole.replace(
                database.getHost() + ":" + database.getPort(),
                server.getInetAddress().getHostAddress() + ":" + server.getLocalPort());
    }

    public synchronized void hang() {
        hangs = true;
    }

    public synchronized void goOn() {
        hangs = false;
        notifyAll();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                Socket behind = new Socket(database.getHost(), database.getPort());
                open.addAll(List.of(client, behind));
                begin(() -> pass(client, behind));
                begin(() -> pass(behind, client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] part = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                awaitFlow();
                out.write(part, 0, read);
            }
        } catch (IOException e) {
            // Either end has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void awaitFlow() throws InterruptedException {
        while (hangs) {
            wait();
        }
    }

    private static void begin(Runnable work) {
        Thread thread = new Thread(work, "database-relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        goOn();
    }
}
