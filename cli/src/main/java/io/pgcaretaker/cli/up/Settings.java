package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.database.DatabaseUrl;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the person's environment says; an empty variable is not set. */
record Settings(Map<String, String> environment) {

    private static final Pattern OWN_FILE =
            Pattern.compile("(CARETAKER|CLEANUP|EMAIL|MONITORING)_[A-Z0-9_]*(FILE|DIRECTORY|TEMPLATES)");

    Settings {
        environment = Map.copyOf(environment);
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** The user's own database, if one is named. */
    Optional<String> databaseUrl() {
        return databaseUrl("DATABASE_URL");
    }

    /** A database that this variable names, if it is set. */
    Optional<String> databaseUrl(String variable) {
        Optional<String> url = get(variable);
        try {
            url.ifPresent(DatabaseUrl::parse);
        } catch (IllegalArgumentException e) {
            throw new CannotException(variable + " " + e.getMessage(), e);
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

    /** Files named relative to where the person is; a service's working directory is another. */
    Map<String, String> absoluteFiles() {
        return environment.entrySet().stream()
                .filter(entry -> OWN_FILE.matcher(entry.getKey()).matches()
                        && !entry.getValue().isBlank())
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> Path.of(entry.getValue()).toAbsolutePath().toString()));
    }
}
