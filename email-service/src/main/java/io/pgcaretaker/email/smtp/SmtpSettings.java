package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.EmailConfig;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where mail leaves, read from {@code SMTP_URL} or made from {@code RESEND_API_KEY}.
 *
 * @param password absent when the server asks for none; never printed
 */
public record SmtpSettings(
        String host,
        int port,
        boolean implicitTls,
        StartTls startTls,
        @Nullable String user,
        @Nullable String password) {

    /** What becomes of a server that does not offer STARTTLS. */
    public enum StartTls {
        REQUIRED,
        OPTIONAL,
        DISABLED
    }

    public static final String RULE =
            "must be smtp://[user:password@]host:port[?starttls=required|optional|disabled] or smtps://[user:password@]host:port";

    private static final Pattern URL = Pattern.compile(
            "(?<scheme>smtps?)://(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?"
                    + "(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(?<port>[0-9]{1,5}))?/?(?:\\?starttls=(?<starttls>[a-z]+))?");
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * The way out that is configured.
     *
     * @throws IllegalArgumentException naming the environment variable and the rule, never the value
     */
    public static SmtpSettings of(EmailConfig config) {
        if (config.smtpUrl().isPresent()) {
            try {
                return parse(config.smtpUrl().get());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("SMTP_URL " + e.getMessage(), e);
            }
        }
        return config.resendApiKey()
                .map(SmtpSettings::resend)
                .orElseThrow(
                        () -> new IllegalArgumentException("no way out for mail is configured: set SMTP_URL, which "
                                + RULE + ", or RESEND_API_KEY for Resend's relay"));
    }

    /**
     * The ways out that are configured, in the order in which they are wanted.
     *
     * @throws IllegalArgumentException naming the environment variable and the rule, never the value
     */
    public static List<SmtpSettings> all(EmailConfig config) {
        List<SmtpSettings> all = new ArrayList<>(List.of(of(config)));
        for (String fallback : config.smtpFallbacks().orElse(List.of())) {
            all.add(fallback(fallback, config));
        }
        long servers = all.stream()
                .map(one -> one.host() + ":" + one.port())
                .distinct()
                .count();
        if (servers < all.size()) {
            throw new IllegalArgumentException(
                    "SMTP_FALLBACKS must name servers that differ from each other and the first");
        }
        return all;
    }

    private static SmtpSettings fallback(String text, EmailConfig config) {
        if (text.equals("resend")) {
            return config.resendApiKey()
                    .map(SmtpSettings::resend)
                    .orElseThrow(() ->
                            new IllegalArgumentException("SMTP_FALLBACKS names resend, but RESEND_API_KEY is not set"));
        }
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "SMTP_FALLBACKS must hold resend or addresses of servers, each of which " + e.getMessage(), e);
        }
    }

    private static SmtpSettings resend(String apiKey) {
        return new SmtpSettings("smtp.resend.com", 465, true, StartTls.DISABLED, "resend", apiKey);
    }

    static SmtpSettings parse(String url) {
        Matcher parts = URL.matcher(url.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(RULE);
        }
        boolean implicitTls = parts.group("scheme").equals("smtps");
        String host = parts.group("host").toLowerCase(Locale.ROOT);
        String user = decode(parts.group("user"));
        String password = decode(parts.group("password"));
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException(RULE + "; user and password come together");
        }
        return new SmtpSettings(
                host,
                port(parts.group("port"), implicitTls),
                implicitTls,
                startTls(parts.group("starttls"), implicitTls, host),
                user,
                password);
    }

    private static int port(@Nullable String text, boolean implicitTls) {
        if (text == null) {
            return implicitTls ? 465 : 587;
        }
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(RULE + "; the port is not between 1 and 65535");
        }
        return port;
    }

    /** Over a network a downgrade is not silent; on this machine there is nobody to listen. */
    private static StartTls startTls(@Nullable String text, boolean implicitTls, String host) {
        if (implicitTls) {
            return StartTls.DISABLED;
        }
        if (text == null) {
            return THIS_MACHINE.contains(host) ? StartTls.OPTIONAL : StartTls.REQUIRED;
        }
        try {
            return StartTls.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RULE + "; starttls is none of these", e);
        }
    }

    private static @Nullable String decode(@Nullable String encoded) {
        if (encoded == null || encoded.isEmpty()) {
            return null;
        }
        try {
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RULE + "; user or password is not percent-encoded correctly", e);
        }
    }

    /** True when the server is on this machine. */
    public boolean isLocal() {
        return THIS_MACHINE.contains(host);
    }

    @Override
    public String toString() {
        return "SmtpSettings[" + host + ":" + port + (user == null ? "" : ", with credentials") + "]";
    }
}
