package io.pgcaretaker.email.digest;

import io.pgcaretaker.email.secret.WrappingKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** The token in a digest's links: whose digests, and a signature that only this service can make. Holds no address. */
final class Subscription {

    private static final int ID_BYTES = 16;
    private static final int SIGNATURE_BYTES = 16;

    private Subscription() {}

    static String token(UUID id, WrappingKey key) {
        byte[] token = Arrays.copyOf(bytes(id), ID_BYTES + SIGNATURE_BYTES);
        System.arraycopy(signature(id, key), 0, token, ID_BYTES, SIGNATURE_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** Empty when it is none of ours. */
    static Optional<UUID> read(String token, WrappingKey key) {
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
        UUID id = new UUID(buffer.getLong(), buffer.getLong());
        byte[] given = Arrays.copyOfRange(bytes, ID_BYTES, bytes.length);
        byte[] expected = Arrays.copyOf(signature(id, key), SIGNATURE_BYTES);
        return MessageDigest.isEqual(expected, given) ? Optional.of(id) : Optional.empty();
    }

    private static byte[] signature(UUID id, WrappingKey key) {
        return key.fingerprint(("digest-subscription " + id).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
