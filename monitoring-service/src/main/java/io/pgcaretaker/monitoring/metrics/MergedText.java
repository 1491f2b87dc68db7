package io.pgcaretaker.monitoring.metrics;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The samples of many readings as one text in UTF-8: nearly all of what a scrape gets, made anew when one of them changes. */
final class MergedText {

    private volatile Made last = new Made(List.of(), Buffer.buffer());

    private record Made(List<RenderedText> parts, Buffer text) {

        /** Of the very same renderings: each is made once and never changes. */
        private boolean isOf(List<RenderedText> others) {
            return parts.size() == others.size()
                    && IntStream.range(0, parts.size()).allMatch(i -> parts.get(i) == others.get(i));
        }
    }

    /** Not to be changed by the caller. */
    Buffer of(List<RenderedText> parts) {
        Made known = last;
        if (!known.isOf(parts)) {
            known = new Made(List.copyOf(parts), merge(parts));
            last = known;
        }
        return known.text();
    }

    /** Samples of one name stay together, under the head that came first. */
    private static Buffer merge(List<RenderedText> parts) {
        Map<String, List<byte[]>> byName = new LinkedHashMap<>();
        int length = 0;
        for (RenderedText part : parts) {
            for (Map.Entry<String, RenderedText.Family> entry : part.families().entrySet()) {
                List<byte[]> pieces = byName.computeIfAbsent(entry.getKey(), name -> new ArrayList<>(2));
                if (pieces.isEmpty()) {
                    pieces.add(entry.getValue().head());
                    length += entry.getValue().head().length;
                }
                pieces.add(entry.getValue().samples());
                length += entry.getValue().samples().length;
            }
        }
        Buffer all = Buffer.buffer(length);
        byName.values().forEach(pieces -> pieces.forEach(all::appendBytes));
        return all;
    }
}
