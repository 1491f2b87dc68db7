package io.pgcaretaker.email.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A text that can be read with the service's key while its row exists, and by nobody after.
 *
 * @param sealed the text under {@code dataKey}: 12 bytes nonce, AES-256-GCM
 * @param dataKey the row's own key under the service's key, in the same form
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below look at what the arrays hold.
public record SealedSecret(byte[] sealed, byte[] dataKey, String wrappingKeyId) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    /** Seals the text to its mail: moved to another mail's row, it cannot be opened. */
    public static SealedSecret seal(String text, UUID emailId, WrappingKey key) {
        byte[] dataKey = new byte[WrappingKey.BYTES];
        RANDOM.nextBytes(dataKey);
        byte[] owner = owner(emailId);
        byte[] sealed = encrypt(text.getBytes(StandardCharsets.UTF_8), new SecretKeySpec(dataKey, "AES"), owner);
        byte[] wrapped = encrypt(dataKey, key.aes(), owner);
        Arrays.fill(dataKey, (byte) 0);
        return new SealedSecret(sealed, wrapped, key.id());
    }

    /**
     * Opens it.
     *
     * @throws SealBrokenException when the key is another one or the bytes were changed
     */
    public String open(UUID emailId, WrappingKey key) {
        if (!wrappingKeyId.equals(key.id())) {
            throw new SealBrokenException("sealed with a key that is not configured any more", null);
        }
        try {
            byte[] owner = owner(emailId);
            SecretKeySpec row = new SecretKeySpec(decrypt(dataKey, key.aes(), owner), "AES");
            return new String(decrypt(sealed, row, owner), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new SealBrokenException("the sealed text cannot be opened", e);
        }
    }

    private static byte[] owner(UUID emailId) {
        return emailId.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] encrypt(byte[] plain, SecretKeySpec key, byte[] owner) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, owner);
            byte[] result = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(plain.length));
            cipher.doFinal(plain, 0, plain.length, result, NONCE_BYTES);
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES/GCM", e);
        }
    }

    private static byte[] decrypt(byte[] sealed, SecretKeySpec key, byte[] owner) throws GeneralSecurityException {
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        return cipher(Cipher.DECRYPT_MODE, key, nonce, owner).doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, byte[] owner)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(owner);
        return cipher;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedSecret that && Arrays.equals(sealed, that.sealed);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sealed);
    }

    @Override
    public String toString() {
        return "SealedSecret[***]";
    }
}
