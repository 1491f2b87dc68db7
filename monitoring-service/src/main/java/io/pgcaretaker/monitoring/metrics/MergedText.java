package io.pgcaretaker.monitoring.metrics;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/** The samples of many readings as one text in UTF-8: nearly all of what a scrape gets, made anew when one of them changes. */
final class MergedText {

    private volatile Made last = new Made(List.of(), new byte[0]);

    private static final class Made {
        private final List<TextFormat> parts;
        private final byte[] bytes;

        Made(List<TextFormat> parts, byte[] bytes) {
            this.parts = parts;
            this.bytes = bytes;
        }

        /** Of the very same renderings: each is made once and never changes. */
        private boolean isOf(List<TextFormat> others) {
            return parts.size() == others.size()
                    && IntStream.range(0, parts.size()).allMatch(i -> parts.get(i) == others.get(i));
        }
    }

    /** Not to be changed by the caller. */
    byte[] of(List<TextFormat> parts) {
        Made known = last;
        if (!known.isOf(parts)) {
            TextFormat all = new TextFormat();
            parts.forEach(all::addAll);
            known = new Made(List.copyOf(parts), all.text().getBytes(StandardCharsets.UTF_8));
            last = known;
        }
        return known.bytes;
    }
}
