package io.pgcaretaker.access;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Reads the keys once, at the start. */
final class ConfiguredApiKeys {

    private static final Logger LOG = Logger.getLogger(ConfiguredApiKeys.class);

    /** Some editors begin a file with it; nobody sees it. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    @Produces
    @Singleton
    ApiKeys apiKeys(AccessConfig config) {
        ApiKeys keys = read(config);
        if (keys.isEmpty()) {
            LOG.warn("no API key is configured, every call but the public ones is refused;"
                    + " set CARETAKER_API_KEYS or CARETAKER_API_KEYS_FILE");
        }
        return keys;
    }

    static ApiKeys read(AccessConfig config) {
        List<String> texts = new ArrayList<>();
        config.apiKeys().ifPresent(texts::add);
        ApiKeys keys = parse("CARETAKER_API_KEYS", texts);
        if (config.apiKeysFile().isPresent()) {
            texts.add(content(config.apiKeysFile().get()));
            keys = parse("CARETAKER_API_KEYS_FILE", texts);
        }
        if (!config.serviceKey().map(ApiKey::isPlain).orElse(true)) {
            throw new IllegalArgumentException(
                    "CARETAKER_SERVICE_KEY: must be ctk_ and 32 or more of A-Z a-z 0-9 _ -: the key itself, not its SHA-256");
        }
        return keys;
    }

    private static ApiKeys parse(String variable, List<String> texts) {
        try {
            return ApiKeys.parse(texts);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
    }

    private static String content(Path file) {
        try {
            String text = Files.readString(file);
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (IOException e) {
            throw new IllegalArgumentException("CARETAKER_API_KEYS_FILE: cannot read " + file, e);
        }
    }
}
