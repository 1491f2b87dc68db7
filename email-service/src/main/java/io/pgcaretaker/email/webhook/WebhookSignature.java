package io.pgcaretaker.email.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Svix's scheme, which Resend uses: HMAC-SHA256 over {@code id.timestamp.body}, once for each secret, so that a receiver may
 * change to a new one without losing a message. Prints nothing of itself.
 */
public final class WebhookSignature {

    private static final String PREFIX = "whsec_";
    private static final int FEWEST_BYTES = 16;
    private static final String RULE = "must be " + PREFIX + " and at least " + FEWEST_BYTES
            + " bytes in base64 (printf whsec_; openssl rand -base64 32)";

    private final List<SecretKeySpec> keys;

    private WebhookSignature(List<SecretKeySpec> keys) {
        this.keys = keys;
    }

    /**
     * From the configured secrets.
     *
     * @throws IllegalArgumentException with the rule, without the value
     */
    static WebhookSignature of(List<String> secrets) {
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException(RULE);
        }
        return new WebhookSignature(secrets.stream().map(WebhookSignature::key).toList());
    }

    private static SecretKeySpec key(String secret) {
        if (!secret.startsWith(PREFIX)) {
            throw new IllegalArgumentException(RULE);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RULE, e);
        }
        if (bytes.length < FEWEST_BYTES) {
            throw new IllegalArgumentException(RULE);
        }
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    /** The value of {@code svix-signature}. */
    String sign(String id, Instant timestamp, String body) {
        String signed = id + "." + timestamp.getEpochSecond() + "." + body;
        return keys.stream().map(key -> "v1," + hmac(key, signed)).collect(Collectors.joining(" "));
    }

    private static String hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
