package io.pgcaretaker.monitoring.metrics;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Families in UTF-8, as they go out. It is made once, of one reading, and never changes. */
final class RenderedText {

    /** The head of a family, which is said once, and samples of it. */
    static final class Family {
        private final byte[] head;
        private final byte[] samples;

        Family(String head, CharSequence samples) {
            this.head = head.getBytes(StandardCharsets.UTF_8);
            this.samples = samples.toString().getBytes(StandardCharsets.UTF_8);
        }

        /** Not to be changed by the caller. */
        byte[] head() {
            return head;
        }

        /** Not to be changed by the caller. */
        byte[] samples() {
            return samples;
        }
    }

    private final Map<String, Family> families = new LinkedHashMap<>();

    RenderedText(TextFormat text) {
        text.forEach((name, head, samples) -> families.put(name, new Family(head, samples)));
    }

    Map<String, Family> families() {
        return families;
    }
}
