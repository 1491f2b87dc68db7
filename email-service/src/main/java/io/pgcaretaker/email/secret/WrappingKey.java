package io.pgcaretaker.email.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The service's key: wraps the keys of sealed rows and keys the fingerprints of requests. Prints nothing of itself. */
public final class WrappingKey {

    static final int BYTES = 32;

    private final byte[] key;

    WrappingKey(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("the key must be 32 bytes, but has " + key.length);
        }
        this.key = key.clone();
    }

    /**
     * From {@code EMAIL_SECRET_KEY}.
     *
     * @throws IllegalArgumentException with the rule, without the value
     */
    public static WrappingKey configured(String base64) {
        try {
            return new WrappingKey(Base64.getDecoder().decode(base64.strip()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "EMAIL_SECRET_KEY must be 32 bytes in base64 (openssl rand -base64 32)", e);
        }
    }

    /** Names the key without telling it: a changed key is noticed instead of failing to decrypt. */
    String id() {
        return HexFormat.of().formatHex(hmac("caretaker.key-id", new byte[0]), 0, 8);
    }

    SecretKeySpec aes() {
        return new SecretKeySpec(hmac("caretaker.wrap", new byte[0]), "AES");
    }

    /** A fingerprint that only this key's holder can compute. */
    public byte[] fingerprint(byte[] message) {
        return hmac("caretaker.request", message);
    }

    private byte[] hmac(String purpose, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(purpose.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WrappingKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }

    @Override
    public String toString() {
        return "WrappingKey[" + id() + "]";
    }
}
