package io.pgcaretaker.cli.inbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One mail as it arrived.
 *
 * @param to whom the envelope names, which a header need not
 * @param headers in their order, each with all its values
 * @param size in bytes, as received
 */
public record Mail(
        String id,
        Instant receivedAt,
        String from,
        List<String> to,
        String subject,
        long size,
        Map<String, List<String>> headers,
        @Nullable String text,
        @Nullable String html) {

    public Mail {
        to = List.copyOf(to);
    }

    /** What a list shows. */
    public record Summary(String id, String receivedAt, String from, List<String> to, String subject, long size) {}

    /** The whole, as JSON. */
    public record Whole(
            String id,
            String receivedAt,
            String from,
            List<String> to,
            String subject,
            long size,
            Map<String, List<String>> headers,
            @JsonProperty @Nullable String text,
            @JsonProperty @Nullable String html) {}

    Summary summary() {
        return new Summary(id, receivedAt.toString(), from, to, subject, size);
    }

    Whole whole() {
        return new Whole(id, receivedAt.toString(), from, to, subject, size, headers, text, html);
    }
}
