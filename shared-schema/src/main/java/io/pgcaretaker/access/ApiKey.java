package io.pgcaretaker.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One caller's key, kept as its SHA-256 only.
 *
 * <p>A plain hash is enough, since a key is 32 random characters or more: there is nothing to guess.
 *
 * @param name who it belongs to; appears in logs and audit lines
 * @param roles what it allows, included roles already added
 */
public record ApiKey(String name, Set<Role> roles, Digest digest) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern PLAIN = Pattern.compile("ctk_[A-Za-z0-9_-]{32,128}");
    private static final Pattern SHA256 = Pattern.compile("(?:sha256:)?([0-9A-Fa-f]{64})");

    static final String RULE =
            "must be name:role[+role]:key, where key is ctk_ and 32 or more of A-Z a-z 0-9 _ -, or sha256:<64 hex digits>";

    public ApiKey {
        roles = Set.copyOf(roles);
    }

    /** A SHA-256 that compares in constant time and prints nothing of itself. */
    public static final class Digest {
        private final byte[] bytes;

        private Digest(byte[] bytes) {
            this.bytes = bytes;
        }

        static Digest of(String plainKey) {
            try {
                return new Digest(
                        MessageDigest.getInstance("SHA-256").digest(plainKey.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        boolean matches(Digest other) {
            return MessageDigest.isEqual(bytes, other.bytes);
        }

        @Override
        public String toString() {
            return "***";
        }
    }

    /**
     * Reads {@code name:role+role:key}.
     *
     * @throws IllegalArgumentException naming the entry's name and the rule, never the key
     */
    static ApiKey parse(String entry) {
        String[] parts = entry.strip().split(":", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException(RULE);
        }
        String name = parts[0].strip();
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(RULE + "; the name must be 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String role : parts[1].split("\\+", -1)) {
            try {
                roles.addAll(Role.parse(role.strip().toLowerCase(Locale.ROOT)).withIncluded());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("key '" + name + "': " + e.getMessage(), e);
            }
        }
        return new ApiKey(name, roles, digest(name, parts[2].strip()));
    }

    /** As a caller shows it. */
    static boolean isPlain(String key) {
        return PLAIN.matcher(key).matches();
    }

    private static Digest digest(String name, String key) {
        if (isPlain(key)) {
            return Digest.of(key);
        }
        var sha256 = SHA256.matcher(key);
        if (sha256.matches()) {
            return new Digest(HexFormat.of().parseHex(sha256.group(1).toLowerCase(Locale.ROOT)));
        }
        throw new IllegalArgumentException("key '" + name + "': " + RULE);
    }
}
