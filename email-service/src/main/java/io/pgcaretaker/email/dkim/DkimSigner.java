package io.pgcaretaker.email.dkim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Signs mail for one domain: rsa-sha256, relaxed/relaxed. Prints nothing of its key. */
public final class DkimSigner {

    /** In this order, those that a mail has. */
    private static final List<String> SIGNED = List.of(
            "from",
            "to",
            "cc",
            "subject",
            "date",
            "message-id",
            "reply-to",
            "in-reply-to",
            "references",
            "list-unsubscribe",
            "list-unsubscribe-post",
            "auto-submitted",
            "mime-version",
            "content-type",
            "content-transfer-encoding");

    /** Signed once more than they are there: a second one, put in on the way, breaks the signature. */
    private static final Set<String> ONCE_MORE = Set.of(
            "from",
            "to",
            "cc",
            "subject",
            "date",
            "reply-to",
            "list-unsubscribe",
            "list-unsubscribe-post",
            "content-type");

    private static final int LINE = 72;

    private final String domain;
    private final String selector;
    private final PrivateKey key;

    DkimSigner(String domain, String selector, PrivateKey key) {
        this.domain = domain;
        this.selector = selector;
        this.key = key;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** A message to be signed: write it here as it goes over the wire, without its dots doubled. */
    public SignedStream stream() {
        return new SignedStream();
    }

    /**
     * The signature's header with its end of line.
     *
     * @param at when it was made; a mail's date, so that an attempt says the same as the one before
     */
    public String sign(SignedStream message, Instant at) {
        List<String> headers = unfolded(message.headers());
        Map<String, String> byName = new HashMap<>();
        for (String header : headers) {
            // The last of a name is the first that is signed (section 5.4.2); no header of ours comes twice.
            byName.put(name(header), header);
        }
        List<String> names = new ArrayList<>();
        StringBuilder signed = new StringBuilder();
        for (String name : SIGNED) {
            String header = byName.get(name);
            if (header != null) {
                names.add(name);
                signed.append(relaxed(header)).append("\r\n");
            }
            if (ONCE_MORE.contains(name)) {
                names.add(name);
            }
        }
        String unsigned =
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=" + domain + "; s=" + selector + ";\r\n t="
                        + at.getEpochSecond() + "; bh=" + base64(message.bodyHash()) + ";\r\n h="
                        + String.join(":\r\n ", lines(names)) + ";\r\n b=";
        signed.append(relaxed(unsigned.replace("\r\n", "")));
        return unsigned + folded(base64(rsa(signed.toString()))) + "\r\n";
    }

    /** Names in lines of their own length. */
    private static List<String> lines(List<String> names) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String name : names) {
            if (line.length() + name.length() > LINE) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : ":").append(name);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String folded(String base64) {
        return String.join("\r\n  ", base64.split("(?<=\\G.{" + LINE + "})(?!$)", -1));
    }

    private byte[] rsa(String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read can sign", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static List<String> unfolded(String headers) {
        return List.of(headers.replaceAll("\r\n(?=[ \t])", "").split("\r\n", -1));
    }

    private static String name(String header) {
        return header.substring(0, Math.max(0, header.indexOf(':'))).strip().toLowerCase(Locale.ROOT);
    }

    /** Section 3.4.2. */
    private static String relaxed(String header) {
        String value = header.substring(header.indexOf(':') + 1);
        return name(header) + ":" + value.replaceAll("[ \t]+", " ").strip();
    }

    @Override
    public String toString() {
        return "DkimSigner[" + selector + "._domainkey." + domain + "]";
    }
}
