package io.pgcaretaker.email.dkim;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Takes a message apart as it passes: headers are kept, of the body only its hash. */
public final class SignedStream extends OutputStream {

    private final ByteArrayOutputStream headers = new ByteArrayOutputStream(1_024);
    private final BodyHash body = new BodyHash();
    private boolean inBody;
    private boolean lineIsEmpty = true;

    @Override
    public void write(int b) {
        if (inBody) {
            body.add(b);
            return;
        }
        headers.write(b);
        if (b == '\n') {
            inBody = lineIsEmpty;
            lineIsEmpty = true;
        } else if (b != '\r') {
            lineIsEmpty = false;
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            write(bytes[i] & 0xff);
        }
    }

    String headers() {
        return headers.toString(StandardCharsets.US_ASCII);
    }

    byte[] bodyHash() {
        return body.end();
    }
}
