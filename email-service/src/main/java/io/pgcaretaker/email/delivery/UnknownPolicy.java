package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What becomes of a mail whose outcome nobody knows: what its kind says, or the configuration. */
public final class UnknownPolicy {

    private final Map<Kind, Kind.OnUnknown> decisions = new EnumMap<>(Kind.class);

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException naming a kind that does not exist
     */
    public UnknownPolicy(EmailConfig config) {
        for (Kind kind : Kind.values()) {
            decisions.put(kind, kind.onUnknown());
        }
        config.onUnknown().forEach((name, decision) -> decisions.put(kind(name), decision));
    }

    private static Kind kind(String name) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("caretaker.email.on-unknown must be by one of "
                        + Arrays.stream(Kind.values()).map(Kind::wireName).collect(Collectors.joining(", "))
                        + ", but one is " + name));
    }

    Kind.OnUnknown of(Kind kind) {
        return decisions.getOrDefault(kind, kind.onUnknown());
    }

    /** The kinds that are begun on their own, just before they are sent, since they must not come twice. */
    String[] held() {
        return decisions.entrySet().stream()
                .filter(entry -> entry.getValue() == Kind.OnUnknown.HOLD)
                .map(entry -> entry.getKey().wireName())
                .toArray(String[]::new);
    }
}
