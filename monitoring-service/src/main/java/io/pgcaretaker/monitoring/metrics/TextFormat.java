package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.collect.Family;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Prometheus' text format 0.0.4. Our own, because client libraries add {@code _total} to counters, and the names must be
 * exactly those that dashboards and rules know.
 */
final class TextFormat {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Map<String, Block> families = new LinkedHashMap<>();

    /** The samples of one name, under its help and type. */
    private record Block(String head, StringBuilder samples) {

        Block(String head) {
            this(head, new StringBuilder(256));
        }
    }

    /** Samples of one name stay together, in whatever order they come. A value that is not a number is left out. */
    void sample(String name, Family.Type type, String help, Map<String, String> labels, double value) {
        part(name, "", type, help, labels, value);
    }

    /** One of the several series that a family such as a histogram is made of. */
    void part(String family, String suffix, Family.Type type, String help, Map<String, String> labels, double value) {
        if (Double.isNaN(value)) {
            return;
        }
        StringBuilder text = families.computeIfAbsent(family, key -> new Block(head(key, type, help)))
                .samples();
        text.append(family).append(suffix);
        append(text, labels);
        text.append(' ').append(number(value)).append('\n');
    }

    /** What takes a family: its name, its help and type as text, and its samples. */
    interface FamilyTaker {
        void take(String name, String head, CharSequence samples);
    }

    void forEach(FamilyTaker taker) {
        families.forEach((name, block) -> taker.take(name, block.head(), block.samples()));
    }

    private static String head(String name, Family.Type type, String help) {
        return "# HELP " + name + ' ' + help.replace("\\", "\\\\").replace("\n", "\\n") + "\n# TYPE " + name + ' '
                + type.wireName() + '\n';
    }

    void gauge(String name, String help, double value) {
        sample(name, Family.Type.GAUGE, help, Map.of(), value);
    }

    private static void append(StringBuilder text, Map<String, String> labels) {
        if (labels.isEmpty()) {
            return;
        }
        char separator = '{';
        for (Map.Entry<String, String> label : labels.entrySet()) {
            text.append(separator)
                    .append(label.getKey())
                    .append("=\"")
                    .append(escape(label.getValue()))
                    .append('"');
            separator = ',';
        }
        text.append('}');
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** In UTF-8, with no copy of the whole in between. */
    Buffer buffer() {
        Buffer all = Buffer.buffer(length());
        families.values().forEach(block -> {
            all.appendString(block.head());
            all.appendString(block.samples().toString());
        });
        return all;
    }

    String text() {
        StringBuilder all = new StringBuilder(length());
        families.values().forEach(block -> all.append(block.head()).append(block.samples()));
        return all.toString();
    }

    private int length() {
        return families.values().stream()
                .mapToInt(block -> block.head().length() + block.samples().length())
                .sum();
    }
}
