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
        try {
            config.apiKeys().ifPresent(texts::add);
            ApiKeys.parse(texts);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("CARETAKER_API_KEYS: " + e.getMessage(), e);
        }
        if (config.apiKeysFile().isPresent()) {
            Path file = config.apiKeysFile().get();
            try {
                texts.add(Files.readString(file));
            } catch (IOException e) {
                throw new IllegalArgumentException("CARETAKER_API_KEYS_FILE: cannot read " + file, e);
            }
        }
        if (!config.serviceKey().map(ApiKey::isPlain).orElse(true)) {
            throw new IllegalArgumentException(
                    "CARETAKER_SERVICE_KEY: must be ctk_ and 32 or more of A-Z a-z 0-9 _ -: the key itself, not its SHA-256");
        }
        return ApiKeys.parse(texts);
    }
}
