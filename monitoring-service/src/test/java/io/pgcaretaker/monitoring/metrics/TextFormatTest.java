package io.pgcaretaker.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.monitoring.collect.Family;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextFormatTest {

    private final TextFormat out = new TextFormat();

    /** A table, a user and an application name themselves as they like; what they say stays one label on one line. */
    @Test
    void oddNamesStayOneLabelOnOneLine() {
        out.sample("a", Family.Type.GAUGE, "two\nlines \\", Map.of("relname", "it's \"\\n\" {x=\"y\"} 1\nb 2"), 1);

        assertThat(out.text().split("\n", -1))
                .containsExactly(
                        "# HELP a two\\nlines \\\\",
                        "# TYPE a gauge",
                        "a{relname=\"it's \\\"\\\\n\\\" {x=\\\"y\\\"} 1\\nb 2\"} 1",
                        "");
    }

    @Test
    void whatIsNotANumberIsLeftOutAndInfinityIsNamedAsPrometheusNamesIt() {
        out.gauge("a", "A", Double.NaN);
        out.gauge("b", "B", Double.POSITIVE_INFINITY);
        out.gauge("c", "C", Double.NEGATIVE_INFINITY);
        out.gauge("d", "D", 1e300);
        out.gauge("e", "E", 9_007_199_254_740_992.0);

        assertThat(out.text().lines().filter(line -> !line.startsWith("#")))
                .containsExactly("b +Inf", "c -Inf", "d 1.0E300", "e 9.007199254740992E15");
    }
}
