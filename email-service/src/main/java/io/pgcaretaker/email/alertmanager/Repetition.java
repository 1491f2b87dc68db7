package io.pgcaretaker.email.alertmanager;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * Tells a post that comes again because our answer was lost from one that comes again because the repeat interval is over.
 *
 * <p>Both say the same. An Alertmanager that gives its reason writes a first, a new or a resolved alert once, so the same
 * post is the same mail for as long as keys are kept; where it repeats on purpose, or gives no reason, only for a window:
 * it tries again within a minute, and repeats after hours.
 */
final class Repetition {

    private static final String ON_PURPOSE = "repeat interval elapsed";

    private Repetition() {}

    /** What two posts about the same have in common. */
    static String key(Notification post) {
        String alerts = post.alerts().stream()
                .map(alert ->
                        alert.fingerprint() + '\t' + alert.firing() + '\t' + alert.startsAt() + '\t' + alert.endsAt())
                .sorted()
                .collect(Collectors.joining("\n"));
        return hash(post.receiver()
                + '\0'
                + post.groupKey()
                + '\0'
                + post.reason()
                + '\0'
                + post.truncated()
                + '\0'
                + alerts);
    }

    /** How long it is the same mail. */
    static Duration window(Notification post, Duration repeatWindow, Duration retention) {
        return post.reason() == null || post.reason().equals(ON_PURPOSE) ? repeatWindow : retention;
    }

    /** The key says it all; the rest of the body may differ between two tries. */
    static JsonNode request(String key) {
        return TextNode.valueOf(key);
    }

    /** The same message id for every mail about a group, which no mail has: what mail programs make a thread of. */
    static String threadRoot(Notification post, String domain) {
        return "<alerts." + hash(post.groupKey()).substring(0, 24) + "@" + domain + ">";
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
