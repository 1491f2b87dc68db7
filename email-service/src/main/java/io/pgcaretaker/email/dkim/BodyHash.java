package io.pgcaretaker.email.dkim;

import java.security.MessageDigest;

/**
 * SHA-256 of a body in relaxed form (RFC 6376, section 3.4.4), byte by byte: blanks within a line become one, those at its
 * end and empty lines at the body's end go. Holds nothing of the body but what may still turn out to be its end.
 */
final class BodyHash {

    private final MessageDigest digest = DkimSigner.sha256();
    private int emptyLines;
    private boolean blank;
    private boolean lineHasText;

    void add(int b) {
        if (b == ' ' || b == '\t') {
            blank = true;
        } else if (b == '\n') {
            endLine();
        } else if (b != '\r') {
            text(b);
        }
    }

    private void endLine() {
        if (lineHasText) {
            digest.update((byte) '\r');
            digest.update((byte) '\n');
        } else {
            emptyLines++;
        }
        blank = false;
        lineHasText = false;
    }

    private void text(int b) {
        for (; emptyLines > 0; emptyLines--) {
            digest.update((byte) '\r');
            digest.update((byte) '\n');
        }
        if (blank) {
            digest.update((byte) ' ');
            blank = false;
        }
        digest.update((byte) b);
        lineHasText = true;
    }

    byte[] end() {
        if (lineHasText) {
            endLine();
        }
        return digest.digest();
    }
}
