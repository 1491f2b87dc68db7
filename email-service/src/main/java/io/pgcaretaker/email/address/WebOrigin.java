package io.pgcaretaker.email.address;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/** Scheme, host and port of a web address: what a link must share with the application to be trusted. */
public record WebOrigin(String scheme, String host, int port) {

    /** Empty when the text is no absolute http or https address, or carries credentials. */
    public static Optional<WebOrigin> of(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (uri.getScheme() == null || uri.getHost() == null || uri.getRawUserInfo() != null) {
            return Optional.empty();
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "http" -> Optional.of(new WebOrigin(scheme, lower(uri), uri.getPort() < 0 ? 80 : uri.getPort()));
            case "https" -> Optional.of(new WebOrigin(scheme, lower(uri), uri.getPort() < 0 ? 443 : uri.getPort()));
            default -> Optional.empty();
        };
    }

    private static String lower(URI uri) {
        return uri.getHost().toLowerCase(Locale.ROOT);
    }
}
