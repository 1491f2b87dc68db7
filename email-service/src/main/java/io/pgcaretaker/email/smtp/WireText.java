package io.pgcaretaker.email.smtp;

import io.vertx.ext.mail.mailencoder.EncodedPart;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Writes encoded parts as RFC 5321 wants them: lines end in CRLF, and a dot that begins one is doubled. */
final class WireText {

    private static final int CHUNK = 8_192;

    private final OutputStream out;
    private final boolean dotsDoubled;
    private final byte[] chunk = new byte[CHUNK];
    private int filled;
    private long bytes;
    private boolean lineBegins = true;

    WireText(OutputStream out) {
        this(out, true);
    }

    private WireText(OutputStream out, boolean dotsDoubled) {
        this.dotsDoubled = dotsDoubled;
        this.out = out;
    }

    /** As the receiver reads it: what a signature is made of. */
    static WireText withoutDoubledDots(OutputStream out) {
        return new WireText(out, false);
    }

    long bytes() {
        return bytes;
    }

    void write(EncodedPart whole) throws IOException {
        part(whole);
        if (!lineBegins) {
            text("\n");
        }
        out.write(chunk, 0, filled);
        bytes += filled;
        filled = 0;
    }

    private void part(EncodedPart part) throws IOException {
        for (Map.Entry<String, String> header : part.headers()) {
            text(header.getKey());
            text(": ");
            text(header.getValue());
            text("\n");
        }
        text("\n");
        if (part.parts() == null) {
            text(part.body() == null ? "" : part.body());
            return;
        }
        for (EncodedPart inner : part.parts()) {
            text("--" + part.boundary() + "\n");
            part(inner);
            text("\n");
        }
        text("--" + part.boundary() + "--\n");
    }

    /** Encoded parts are ASCII; folded headers bring a CR of their own. */
    private void text(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (filled > CHUNK - 3) {
                out.write(chunk, 0, filled);
                bytes += filled;
                filled = 0;
            }
            if (c == '\n') {
                chunk[filled++] = '\r';
                chunk[filled++] = '\n';
                lineBegins = true;
            } else if (c != '\r') {
                if (dotsDoubled && lineBegins && c == '.') {
                    chunk[filled++] = '.';
                }
                chunk[filled++] = (byte) c;
                lineBegins = false;
            }
        }
    }
}
