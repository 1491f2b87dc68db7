package io.pgcaretaker.email.smtp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An SMTP server that does at each step what its script says, and counts what it took. */
public final class ScriptedSmtp implements AutoCloseable {

    /** Where a conversation stands. */
    public enum Step {
        BANNER,
        EHLO,
        MAIL,
        RCPT,
        DATA,
        END
    }

    /** What the server does. */
    public interface Action {
        /** Closes the connection without a word. */
        Action DROP = new Drop();
        /** Says nothing more, and keeps the connection. */
        Action SILENCE = new Silence();
        /** Asks for the mail and does not read it. */
        Action READS_NOTHING = new ReadsNothing();

        /** The usual answer. */
        Action OK = new Say("");

        static Action say(String line) {
            return new Say(line);
        }
    }

    private record Drop() implements Action {}

    private record Silence() implements Action {}

    private record ReadsNothing() implements Action {}

    private record Say(String line) implements Action {}

    /** Decides by the step and by the recipient, which is empty before RCPT. */
    public interface Script {
        Action at(Step step, String recipient);
    }

    private static final Map<Step, String> USUAL = Map.of(
            Step.BANNER, "220 scripted ESMTP",
            Step.EHLO, "250-scripted\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES",
            Step.MAIL, "250 2.1.0 Ok",
            Step.RCPT, "250 2.1.5 Ok",
            Step.DATA, "354 go on",
            Step.END, "250 2.0.0 Ok: queued as ABC123");

    /** A mail that was taken. */
    public record Taken(String recipient, String messageId, String text) {}

    private final ServerSocket server;
    private final Thread acceptor;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private volatile String greeting = "";
    private volatile boolean askAnyway;
    private volatile boolean brokenTls;
    private volatile Script script = (step, recipient) -> Action.OK;

    public ScriptedSmtp() {
        this(InetAddress.getLoopbackAddress());
    }

    public ScriptedSmtp(InetAddress address) {
        try {
            server = new ServerSocket(0, 200, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        acceptor = daemon(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public void follow(Script next) {
        script = next;
    }

    /** Ends all connections, as a server does with those that nobody uses. */
    public void hangUp() {
        sockets.forEach(ScriptedSmtp::close);
        sockets.clear();
    }

    /** Answers 354 to DATA although nobody is there to write to. */
    public void askForMailAnyway() {
        askAnyway = true;
    }

    /** Says yes to STARTTLS, and then nothing that could be TLS. */
    public void offerTls() {
        brokenTls = true;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last one, as it was said. */
    public String greeting() {
        return greeting;
    }

    public List<Taken> taken() {
        return List.copyOf(taken);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "scripted-smtp");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                if (server.isClosed()) {
                    socket.close();
                    return;
                }
                sockets.add(socket);
                daemon(() -> converse(socket));
            }
        } catch (IOException e) {
            sockets.clear();
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            new Dialogue(socket).run();
        } catch (IOException e) {
            // The other side is gone, as some tests want it.
            sockets.remove(socket);
        }
    }

    private final class Dialogue {
        private final BufferedReader in;
        private final OutputStream out;
        private String recipient = "";
        /** How many of MAIL and RCPT were. */
        private int accepted;

        Dialogue(Socket socket) throws IOException {
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            out = socket.getOutputStream();
        }

        void run() throws IOException {
            if (!step(Step.BANNER)) {
                return;
            }
            String line = in.readLine();
            while (line != null && command(line)) {
                line = in.readLine();
            }
        }

        /** Returns false when the conversation is over. */
        private boolean command(String line) throws IOException {
            String command = line.toUpperCase(Locale.ROOT);
            if (command.startsWith("QUIT")) {
                write("221 bye");
                return false;
            }
            if (command.startsWith("EHLO")) {
                greeting = line;
                return step(Step.EHLO);
            }
            if (command.startsWith("MAIL")) {
                recipient = "";
                accepted = 0;
                return step(Step.MAIL);
            }
            if (command.startsWith("RCPT")) {
                if (accepted < 1) {
                    write("503 5.5.1 MAIL first");
                    return true;
                }
                recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                return step(Step.RCPT);
            }
            if (command.startsWith("DATA")) {
                if (accepted < 2 && !askAnyway) {
                    write("554 5.5.1 no valid recipients");
                    return true;
                }
                return data();
            }
            if (command.startsWith("STARTTLS") && brokenTls) {
                write("220 2.0.0 go on");
                write("this is no TLS");
                return false;
            }
            write(command.startsWith("RSET") ? "250 2.0.0 Ok" : "502 5.5.1 what?");
            return true;
        }

        private boolean data() throws IOException {
            Action action = script.at(Step.DATA, recipient);
            boolean on = act(action, Step.DATA);
            if (!on
                    || (action instanceof Say say
                            && !say.line().isEmpty()
                            && !say.line().startsWith("3"))) {
                return on;
            }
            if (action instanceof ReadsNothing) {
                return neverRead();
            }
            StringBuilder text = new StringBuilder();
            String line = in.readLine();
            while (line != null && !line.equals(".")) {
                text.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
                line = in.readLine();
            }
            if (line == null) {
                return false;
            }
            Action end = script.at(Step.END, recipient);
            if (!(end instanceof Say say) || say.line().isEmpty() || say.line().startsWith("2")) {
                // Silence and a dropped connection come after the mail was taken: the worst case.
                taken.add(new Taken(recipient, messageId(text.toString()), text.toString()));
            }
            return act(end, Step.END);
        }

        /** Until the other side gives up and closes. */
        private boolean neverRead() throws IOException {
            try {
                new java.util.concurrent.CountDownLatch(1).await(3, java.util.concurrent.TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return false;
        }

        private static String messageId(String text) {
            int start = text.toLowerCase(Locale.ROOT).indexOf("message-id:");
            if (start < 0) {
                return "";
            }
            return text.substring(start + 11, text.indexOf('\n', start)).strip();
        }

        private boolean step(Step step) throws IOException {
            return act(script.at(step, recipient), step);
        }

        private boolean act(Action action, Step step) throws IOException {
            if (action instanceof Drop) {
                return false;
            }
            if (action instanceof Silence) {
                in.lines().forEach(line -> {});
                return false;
            }
            String line = action instanceof Say say ? say.line() : "";
            boolean fine = line.isEmpty() || line.startsWith("2");
            if (fine && (step == Step.MAIL || step == Step.RCPT)) {
                accepted++;
            }
            write(line.isEmpty() ? USUAL.get(step) : line);
            return !line.startsWith("421");
        }

        private void write(String line) throws IOException {
            out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            // Until it is out of accept, the port still answers.
            acceptor.join(5_000);
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
