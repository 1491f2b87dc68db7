package io.pgcaretaker.email.dkim;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Reads private keys as openssl and opendkim-genkey write them. */
final class RsaKeys {

    /** RFC 8301, section 3.2. */
    private static final int FEWEST_BITS = 1024;

    private static final String RULE =
            "must be an RSA key of at least " + FEWEST_BITS + " bits in PEM, not encrypted (openssl genrsa 2048)";

    /** PKCS#8's version and algorithm for RSA: what PKCS#1 leaves out. */
    private static final byte[] RSA_HEAD = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private RsaKeys() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with the rule, without anything of the key
     */
    static PrivateKey read(String pem) {
        boolean pkcs1 = pem.contains("-----BEGIN RSA PRIVATE KEY-----");
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            PrivateKey key =
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs1 ? wrapped(der) : der));
            if (!(key instanceof RSAPrivateKey rsa) || rsa.getModulus().bitLength() < FEWEST_BITS) {
                throw new IllegalArgumentException(RULE);
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without its cause: that may repeat a character of the key.
            throw new IllegalArgumentException(RULE);
        }
    }

    private static byte[] wrapped(byte[] pkcs1) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        inner.writeBytes(RSA_HEAD);
        inner.writeBytes(tagged(0x04, pkcs1));
        return tagged(0x30, inner.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            // Keys are shorter than 64 KiB: two bytes hold the length.
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
