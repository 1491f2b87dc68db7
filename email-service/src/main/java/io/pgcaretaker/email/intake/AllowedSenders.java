package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.address.MailAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which senders an API key may name; a key that is not configured may name any that the SMTP server lets through. */
public final class AllowedSenders {

    private final Map<String, List<String>> byKey = new LinkedHashMap<>();

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException naming the setting with a wrong entry
     */
    public AllowedSenders(Map<String, List<String>> config) {
        config.forEach((key, entries) -> byKey.put(
                key, entries.stream().map(entry -> checked(key, entry)).toList()));
    }

    private static String checked(String key, String entry) {
        try {
            MailAddress.parse(entry.startsWith("@") ? "anybody" + entry : entry);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "caretaker.email.senders.\"" + key + "\" must hold addresses or @domain, but one is " + entry, e);
        }
        return entry.toLowerCase(Locale.ROOT);
    }

    boolean allows(String key, MailAddress from) {
        List<String> entries = byKey.get(key);
        return entries == null
                || entries.contains(MailAddress.normalised(from.address()))
                || entries.contains("@" + from.domain().toLowerCase(Locale.ROOT));
    }
}
