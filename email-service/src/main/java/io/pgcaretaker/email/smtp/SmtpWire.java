package io.pgcaretaker.email.smtp;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines over a socket. */
final class SmtpWire {

    /** RFC 5321 allows 512 bytes; what is longer is cut, not kept. */
    private static final int LONGEST_LINE = 2_000;

    /** A server that never ends its reply is no server. */
    private static final int MOST_LINES = 200;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    SmtpWire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 2_048);
        this.out = new BufferedOutputStream(socket.getOutputStream(), 16_384);
    }

    Socket socket() {
        return socket;
    }

    OutputStream out() {
        return out;
    }

    /** Not sent before {@link #flush}. */
    void say(String line) throws IOException {
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        out.write('\r');
        out.write('\n');
    }

    void flush() throws IOException {
        out.flush();
    }

    Reply hear() throws IOException {
        return Reply.parse(hearLines());
    }

    List<String> hearLines() throws IOException {
        List<String> lines = new ArrayList<>(1);
        String line = line();
        lines.add(line);
        while (line.length() > 3 && line.charAt(3) == '-') {
            if (lines.size() == MOST_LINES) {
                throw new IOException("the server's reply does not end");
            }
            line = line();
            lines.add(line);
        }
        return lines;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(80);
        int c = in.read();
        while (c != '\n') {
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (c != '\r' && line.length() < LONGEST_LINE) {
                line.append((char) c);
            }
            c = in.read();
        }
        return line.toString();
    }

    /** True when the server said more than it was asked: before TLS that is somebody in between. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }
}
