package io.pgcaretaker.access;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The keys this service knows. */
public final class ApiKeys {

    private final List<ApiKey> keys;

    private ApiKeys(List<ApiKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads entries separated by commas or line breaks; blank lines and lines that begin with {@code #} are skipped.
     *
     * @throws IllegalArgumentException for the first entry that is wrong, never showing a key
     */
    public static ApiKeys parse(Collection<String> texts) {
        List<ApiKey> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String text : texts) {
            for (String line : text.split("\\R", -1)) {
                if (line.strip().startsWith("#")) {
                    continue;
                }
                for (String entry : line.split(",", -1)) {
                    if (entry.isBlank()) {
                        continue;
                    }
                    ApiKey key = ApiKey.parse(entry);
                    if (!names.add(key.name())) {
                        throw new IllegalArgumentException("key '" + key.name() + "' is given twice");
                    }
                    requireOther(keys, key);
                    keys.add(key);
                }
            }
        }
        return new ApiKeys(keys);
    }

    /** One caller under two names had the roles of one of them, and stood in the audit as whoever came last. */
    private static void requireOther(List<ApiKey> keys, ApiKey key) {
        for (ApiKey other : keys) {
            if (other.digest().matches(key.digest())) {
                throw new IllegalArgumentException(
                        "'" + other.name() + "' and '" + key.name() + "' have the same key; give each its own");
            }
        }
    }

    /** Whom settings by caller may name. */
    public Set<String> names() {
        return keys.stream().map(ApiKey::name).collect(Collectors.toUnmodifiableSet());
    }

    /** The key whose plain text is given; looks at every key so that the time taken tells nothing. */
    Optional<ApiKey> find(String plainKey) {
        ApiKey.Digest presented = ApiKey.Digest.of(plainKey);
        ApiKey found = null;
        for (ApiKey key : keys) {
            if (key.digest().matches(presented)) {
                found = key;
            }
        }
        return Optional.ofNullable(found);
    }

    public boolean isEmpty() {
        return keys.isEmpty();
    }
}
