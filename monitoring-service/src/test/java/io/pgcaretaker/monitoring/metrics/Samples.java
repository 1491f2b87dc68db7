package io.pgcaretaker.monitoring.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text exposition, read back: types by family and values by series, labels in order of their names. */
record Samples(Map<String, String> types, Map<String, Double> values) {

    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** @param without a label that is left out of the series' names */
    static Samples parse(String text, String without) {
        Map<String, String> types = new LinkedHashMap<>();
        Map<String, Double> values = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", 4);
                types.put(words[2], words[3]);
            } else if (!line.startsWith("#")) {
                Matcher series = SERIES.matcher(line);
                if (!series.matches()) {
                    throw new IllegalArgumentException("not a sample: " + line);
                }
                String name = series.group(1) + labels(series.group(2), without);
                if (values.put(name, Double.valueOf(series.group(3).replace("Inf", "Infinity"))) != null) {
                    throw new IllegalArgumentException("twice: " + line);
                }
            }
        }
        return new Samples(types, values);
    }

    private static String labels(String text, String without) {
        Map<String, String> labels = new TreeMap<>();
        if (text != null) {
            Matcher label = LABEL.matcher(text);
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        labels.remove(without);
        return labels.isEmpty() ? "" : labels.toString();
    }

    static String family(String series) {
        return series.split("\\{", 2)[0];
    }

    /** False for a family all of whose series are not a number: there is nothing to show. */
    boolean hasNumbers(String family) {
        return values.entrySet().stream()
                .anyMatch(sample -> family(sample.getKey()).equals(family)
                        && !sample.getValue().isNaN());
    }

    /** The sum of a family's series whose labels hold this text. */
    double sum(String family, String labels) {
        return values.entrySet().stream()
                .filter(sample -> family(sample.getKey()).equals(family)
                        && sample.getKey().contains(labels))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
