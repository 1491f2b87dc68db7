package io.pgcaretaker.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The label {@code uri} of requests names a route and never what was asked for: that may be somebody's address, or a link that is
 * all one needs to use it. Micrometer has the path itself where a request comes to no route, as one of another method or with
 * too large a body does.
 */
final class RequestLabels implements MeterFilter {

    private static final String REQUESTS = "http.server.";
    private static final String URI = "uri";
    private static final String OTHER = "OTHER";

    /** A route without parameters. */
    private static final Pattern PLAIN = Pattern.compile("(?:/[a-z][a-z-]*)+");

    /** Answered before there is a route, whose parameters can look like words of it. */
    private static final List<String> BEFORE_THE_ROUTE = List.of("405", "413");

    @Override
    public Meter.Id map(Meter.Id id) {
        String uri = id.getName().startsWith(REQUESTS) ? id.getTag(URI) : null;
        if (uri == null || !uri.startsWith("/") || isRoute(id, uri)) {
            return id;
        }
        return id.replaceTags(id.getTags().stream()
                .map(tag -> tag.getKey().equals(URI) ? Tag.of(URI, OTHER) : tag)
                .toList());
    }

    private static boolean isRoute(Meter.Id id, String uri) {
        if (uri.contains("{")) {
            return true;
        }
        return PLAIN.matcher(uri).matches()
                && !"OPTIONS".equals(id.getTag("method"))
                && !BEFORE_THE_ROUTE.contains(String.valueOf(id.getTag("status")));
    }

    /** Where Micrometer finds it. */
    @Singleton
    static class Parts {
        @Produces
        @Singleton
        MeterFilter requestLabels() {
            return new RequestLabels();
        }
    }
}
