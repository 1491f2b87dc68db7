package io.pgcaretaker.access;

import io.quarkus.runtime.configuration.TrimmedStringConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import java.nio.file.Path;
import java.util.Optional;

/** Who may call. Nothing configured means nobody may. */
@ConfigMapping(prefix = "caretaker.access")
@ValidApiKeys
public interface AccessConfig {

    /** {@code CARETAKER_API_KEYS}: {@code name:role[+role]:key}, separated by commas or line breaks. */
    Optional<String> apiKeys();

    /** {@code CARETAKER_API_KEYS_FILE}: a mounted file of the same entries, one a line. */
    Optional<Path> apiKeysFile();

    /**
     * {@code CARETAKER_SERVICE_KEY}: the key this service shows to the other two. A file's last line break, as a Secret made of
     * one has it, is none of it.
     */
    @WithConverter(TrimmedStringConverter.class)
    Optional<String> serviceKey();
}
