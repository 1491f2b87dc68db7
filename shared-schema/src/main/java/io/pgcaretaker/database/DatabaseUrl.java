package io.pgcaretaker.database;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code DATABASE_URL} as applications know it, taken apart into what a JDBC pool wants.
 *
 * <p>Accepted: {@code postgresql://} and {@code postgres://} (libpq's form: percent-encoded user and password, several
 * hosts, libpq's parameter names) and {@code jdbc:postgresql://} (the driver's own form, with {@code user} and
 * {@code password} as parameters).
 *
 * @param jdbcUrl without credentials, safe to log
 * @param username absent when the URL names none
 * @param password absent when the URL holds none; never printed
 */
public record DatabaseUrl(
        String jdbcUrl, @Nullable String username, @Nullable String password) {

    /** What a message says when the value is wrong; it never repeats the value, which may hold a password. */
    public static final String RULE =
            "must be postgresql://user:password@host:5432/database?sslmode=require (or postgres://, or jdbc:postgresql://)";

    private static final Pattern LIBPQ = Pattern.compile(
            "postgres(?:ql)?://(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^/?#@]+)/(?<database>[^/?#]+)(?:\\?(?<query>[^#]*))?");
    private static final Pattern JDBC =
            Pattern.compile("jdbc:postgresql://(?<hosts>[^/?#@]+)/(?<database>[^/?#]+)(?:\\?(?<query>[^#]*))?");
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(?<port>[0-9]{1,5}))?");

    /** libpq's name, then pgjdbc's, where the two differ. */
    private static final Map<String, String> PARAMETER_NAMES = Map.of(
            "application_name", "ApplicationName",
            "channel_binding", "channelBinding",
            "connect_timeout", "connectTimeout",
            "gssencmode", "gssEncMode",
            "target_session_attrs", "targetServerType");

    private static final List<String> SSL_MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    /** libpq's values of {@code target_session_attrs}, then pgjdbc's of {@code targetServerType}. */
    private static final Map<String, String> SERVER_TYPES = Map.of(
            "read-write",
            "primary",
            "read-only",
            "secondary",
            "standby",
            "secondary",
            "prefer-standby",
            "preferSecondary");

    /**
     * Parses the URL.
     *
     * @throws IllegalArgumentException naming the part that is wrong, never the value
     */
    public static DatabaseUrl parse(String url) {
        String trimmed = url.strip();
        return trimmed.toLowerCase(Locale.ROOT).startsWith("jdbc:") ? parseJdbc(trimmed) : parseLibpq(trimmed);
    }

    private static DatabaseUrl parseLibpq(String url) {
        Matcher parts = LIBPQ.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(RULE);
        }
        Map<String, String> parameters = parameters(parts.group("query"));
        String user = emptyToNull(decode(parts.group("user"), "user"));
        String password = emptyToNull(decode(parts.group("password"), "password"));
        return build(parts.group("hosts"), parts.group("database"), parameters, user, password);
    }

    private static DatabaseUrl parseJdbc(String url) {
        Matcher parts = JDBC.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(RULE);
        }
        return build(parts.group("hosts"), parts.group("database"), parameters(parts.group("query")), null, null);
    }

    private static DatabaseUrl build(
            String hosts,
            String database,
            Map<String, String> given,
            @Nullable String user,
            @Nullable String password) {
        for (String host : hosts.split(",", -1)) {
            requireHost(host);
        }
        Map<String, String> parameters = new LinkedHashMap<>(given);
        String parameterUser = parameters.remove("user");
        String parameterPassword = parameters.remove("password");
        requireSslMode(parameters.get("sslmode"));
        if ("system".equals(parameters.get("sslrootcert"))) {
            trustTheSystem(parameters);
        }
        boolean pooled = "true".equals(parameters.remove("pgbouncer")) || hosts.contains("-pooler.");
        if (pooled) {
            // A transaction pooler may hand the next statement to another session: no server-side prepared statements.
            parameters.putIfAbsent("prepareThreshold", "0");
        }
        StringBuilder jdbc = new StringBuilder("jdbc:postgresql://")
                .append(hosts)
                .append('/')
                .append(database);
        char separator = '?';
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            jdbc.append(separator).append(jdbcParameter(parameter.getKey(), parameter.getValue()));
            separator = '&';
        }
        return new DatabaseUrl(
                jdbc.toString(), user != null ? user : parameterUser, password != null ? password : parameterPassword);
    }

    private static void requireHost(String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            throw new IllegalArgumentException(RULE + "; the host is not a name or an address");
        }
        String port = parts.group("port");
        if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535)) {
            throw new IllegalArgumentException(RULE + "; the port is not between 1 and 65535");
        }
    }

    /** Known here and now, or it would look like a database that is away. */
    private static void requireSslMode(@Nullable String mode) {
        if (mode != null && !SSL_MODES.contains(mode.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(RULE + "; sslmode is none of " + String.join(", ", SSL_MODES));
        }
    }

    /** As libpq means it: the authorities that the platform knows, here Java's, and the name is always looked at. */
    private static void trustTheSystem(Map<String, String> parameters) {
        parameters.remove("sslrootcert");
        parameters.put("sslmode", "verify-full");
        parameters.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }

    private static String jdbcParameter(String name, String value) {
        String jdbcName = PARAMETER_NAMES.getOrDefault(name, name);
        String jdbcValue = name.equals("target_session_attrs") ? SERVER_TYPES.getOrDefault(value, value) : value;
        return jdbcName + "=" + URLEncoder.encode(jdbcValue, StandardCharsets.UTF_8);
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return parameters;
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(RULE + "; a parameter is not name=value");
            }
            parameters.put(
                    Objects.requireNonNull(decode(pair.substring(0, equals), "parameter")),
                    Objects.requireNonNull(decode(pair.substring(equals + 1), "parameter")));
        }
        return parameters;
    }

    private static @Nullable String decode(@Nullable String encoded, String part) {
        if (encoded == null) {
            return null;
        }
        try {
            // In a URL's user part '+' is a plus sign, not a blank as in a form.
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RULE + "; the " + part + " is not percent-encoded correctly", e);
        }
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    @Override
    public String toString() {
        return "DatabaseUrl[" + jdbcUrl + ", username=" + username + ", password=" + (password == null ? "none" : "***")
                + "]";
    }
}
