package smtp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows who got how many mails and when their DATA came, and is silent about silent.test. A mail is taken at its final
 * dot, whether or not the answer is heard.
 */
public final class OwnSink implements MailSink {

    private static final String SILENT = "@silent.test";

    private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private final AtomicLong count = new AtomicLong();
    private final ConcurrentMap<String, Integer> taken = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Long> data = new ConcurrentHashMap<>();
    private final ExecutorService sessions = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    });

    public OwnSink() throws IOException {
        sessions.execute(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    sessions.execute(() -> converse(socket));
                }
            } catch (IOException e) {
                sessions.shutdownNow();
            }
        });
    }

    private void converse(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            new Conversation(socket).run();
        } catch (IOException e) {
            // The other side was killed, as some benchmarks want it; what it had not finished is not counted.
            data.remove("");
        }
    }

    private final class Conversation {
        private final BufferedReader in;
        private final OutputStream out;
        private final StringBuilder answers = new StringBuilder("220 sink ESMTP\r\n");
        private String recipient = "";

        Conversation(Socket socket) throws IOException {
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            out = socket.getOutputStream();
        }

        void run() throws IOException {
            while (true) {
                // What was asked together is answered together (RFC 2920).
                if (!in.ready()) {
                    answer("");
                }
                String line = in.readLine();
                if (line == null || line.startsWith("QUIT")) {
                    return;
                }
                if (line.startsWith("RCPT")) {
                    recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                    if (recipient.endsWith(SILENT)) {
                        in.lines().forEach(more -> {});
                        return;
                    }
                }
                if (line.startsWith("DATA")) {
                    data.put(recipient, System.nanoTime());
                    answer("354 go on\r\n");
                    if (!content()) {
                        return;
                    }
                }
                answers.append(line.startsWith("EHLO") ? "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n" : "250 Ok\r\n");
            }
        }

        private boolean content() throws IOException {
            String text = in.readLine();
            while (text != null && !text.equals(".")) {
                text = in.readLine();
            }
            if (text == null) {
                return false;
            }
            taken.merge(recipient, 1, Integer::sum);
            count.incrementAndGet();
            return true;
        }

        private void answer(String last) throws IOException {
            out.write((answers + last).getBytes(StandardCharsets.ISO_8859_1));
            answers.setLength(0);
        }
    }

    /** When the recipient's DATA came, in {@link System#nanoTime}; now, when it has not come in 40 s. */
    public long awaitData(String recipient) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (System.nanoTime() < until) {
            Long at = data.remove(recipient);
            if (at != null) {
                return at;
            }
            TimeUnit.MICROSECONDS.sleep(200);
        }
        return System.nanoTime();
    }

    /** How many mails each recipient got. */
    public Map<String, Integer> counts() {
        return Map.copyOf(taken);
    }

    @Override
    public int port() {
        return server.getLocalPort();
    }

    @Override
    public long count() {
        return count.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
