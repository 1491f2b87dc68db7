package io.pgcaretaker.email.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** From nothing to a server that is ready for mail: connection, TLS, greeting, login. */
final class SmtpOpening {

    private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(10);

    private final SmtpSettings settings;
    private final EhloName name;
    private final Progress progress;
    private final Consumer<Socket> opened;
    private @Nullable SmtpWire wire;

    /** Whoever must be able to end it is told of each socket, before anything is said over it. */
    SmtpOpening(SmtpSettings settings, EhloName name, Progress progress, Consumer<Socket> opened) {
        this.settings = settings;
        this.name = name;
        this.progress = progress;
        this.opened = opened;
    }

    /** Absent when the server refuses; the progress has its words. */
    @Nullable
    SmtpSession open() throws IOException {
        progress.at(Stage.CONNECT);
        connect();
        if (isRefused(wire().hear())) {
            return null;
        }
        List<String> offers = greet();
        if (offers.isEmpty() || !(settings.implicitTls() || tls(offers))) {
            return null;
        }
        if (!settings.implicitTls() && wire().socket() instanceof SSLSocket) {
            offers = greet();
        }
        if (offers.isEmpty() || (settings.user() != null && !login(offers))) {
            return null;
        }
        return new SmtpSession(wire(), offers);
    }

    private SmtpWire wire() {
        return java.util.Objects.requireNonNull(wire);
    }

    private boolean isRefused(Reply reply) {
        if (reply.isRefusal()) {
            progress.refused(reply);
        }
        return reply.isRefusal();
    }

    private String host() {
        return settings.host().replaceAll("[\\[\\]]", "");
    }

    private void connect() throws IOException {
        Socket socket = reached(InetAddress.getAllByName(host()));
        wire = new SmtpWire(settings.implicitTls() ? secured(socket) : socket);
    }

    /** One of the host's addresses after the other, until one answers (RFC 5321, section 5.1). */
    Socket reached(InetAddress... addresses) throws IOException {
        IOException failure = null;
        for (InetAddress address : addresses) {
            Socket socket = new Socket();
            opened.accept(socket);
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, settings.port()), (int) CONNECT_DEADLINE.toMillis());
                return socket;
            } catch (IOException e) {
                socket.close();
                failure = failure == null ? e : failure;
            }
        }
        throw failure == null ? new UnknownHostException(host()) : failure;
    }

    private Socket secured(Socket plain) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket socket = (SSLSocket) factory.createSocket(plain, host(), settings.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Returns what the server offers, one a line; nothing when it refuses. */
    private List<String> greet() throws IOException {
        progress.at(Stage.EHLO);
        wire().say("EHLO " + name.text());
        wire().flush();
        List<String> lines = wire().hearLines();
        if (isRefused(Reply.parse(lines))) {
            return List.of();
        }
        return lines.stream()
                .map(line -> line.length() > 4 ? line.substring(4).toUpperCase(Locale.ROOT) : "")
                .toList();
    }

    private boolean tls(List<String> offers) throws IOException {
        if (settings.startTls() == SmtpSettings.StartTls.DISABLED) {
            return true;
        }
        if (!offers.contains("STARTTLS")) {
            progress.at(Stage.STARTTLS);
            if (settings.startTls() == SmtpSettings.StartTls.REQUIRED) {
                throw new IOException("the server does not offer STARTTLS, which is required");
            }
            return true;
        }
        progress.at(Stage.STARTTLS);
        wire().say("STARTTLS");
        wire().flush();
        if (isRefused(wire().hear())) {
            return false;
        }
        if (wire().hasMore()) {
            throw new IOException("the server said more before TLS than it was asked");
        }
        wire = new SmtpWire(secured(wire().socket()));
        return true;
    }

    private boolean login(List<String> offers) throws IOException {
        progress.at(Stage.AUTH);
        List<String> ways = offers.stream()
                .filter(offer -> offer.startsWith("AUTH ") || offer.startsWith("AUTH="))
                .flatMap(offer -> Arrays.stream(offer.substring(5).split(" ")))
                .toList();
        String user = String.valueOf(settings.user());
        String password = String.valueOf(settings.password());
        if (ways.contains("PLAIN")) {
            return goesOn("AUTH PLAIN " + base64("\0" + user + "\0" + password), 235);
        }
        if (ways.contains("LOGIN")) {
            return goesOn("AUTH LOGIN", 334) && goesOn(base64(user), 334) && goesOn(base64(password), 235);
        }
        throw new IOException("the server offers neither AUTH PLAIN nor AUTH LOGIN");
    }

    private boolean goesOn(String line, int expected) throws IOException {
        wire().say(line);
        wire().flush();
        Reply reply = wire().hear();
        if (!isRefused(reply) && reply.code() != expected) {
            throw new IOException("the server does not follow its own login");
        }
        return !reply.isRefusal();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
