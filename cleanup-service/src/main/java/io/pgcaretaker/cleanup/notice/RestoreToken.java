package io.pgcaretaker.cleanup.notice;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The token in a restore link: which notice, and a signature that only this service can make. It names nobody, is kept
 * nowhere, and is worth nothing once its notice has ended.
 */
public final class RestoreToken {

    private static final int ID_BYTES = 16;
    private static final int SIGNATURE_BYTES = 16;

    private final SecretKeySpec key;

    public RestoreToken(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
    }

    String of(UUID notice) {
        byte[] token = Arrays.copyOf(bytes(notice), ID_BYTES + SIGNATURE_BYTES);
        System.arraycopy(signature(notice), 0, token, ID_BYTES, SIGNATURE_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** Empty when it is none of ours, to the letter; no database is asked. */
    public Optional<UUID> read(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (bytes.length != ID_BYTES + SIGNATURE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        UUID notice = new UUID(buffer.getLong(), buffer.getLong());
        return MessageDigest.isEqual(
                        of(notice).getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(notice)
                : Optional.empty();
    }

    private byte[] signature(UUID notice) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(("restore " + notice).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    @Override
    public String toString() {
        return "RestoreToken[***]";
    }
}
