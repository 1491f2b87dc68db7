package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.database.DatabaseUrl;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the person's environment says; an empty variable is not set. */
record Settings(Map<String, String> environment) {

    Settings {
        environment = Map.copyOf(environment);
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** The user's own database, if one is named. */
    Optional<String> databaseUrl() {
        Optional<String> url = get("DATABASE_URL");
        try {
            url.ifPresent(DatabaseUrl::parse);
        } catch (IllegalArgumentException e) {
            throw new CannotException("DATABASE_URL " + e.getMessage(), e);
        }
        return url;
    }

    /**
     * Mail stays on this machine, unless it is told where to go. A RESEND_API_KEY alone does not tell that beside the
     * sample application, whose users have addresses that nobody should write to.
     */
    boolean catchesMail() {
        return get("SMTP_URL").isEmpty()
                && (get("RESEND_API_KEY").isEmpty() || databaseUrl().isEmpty());
    }

    /** What is set of these names, and the given defaults for the others. */
    Map<String, String> withDefaults(Map<String, String> defaults) {
        Map<String, String> result = new LinkedHashMap<>();
        defaults.forEach((name, value) -> result.put(name, get(name).orElse(value)));
        return result;
    }
}
