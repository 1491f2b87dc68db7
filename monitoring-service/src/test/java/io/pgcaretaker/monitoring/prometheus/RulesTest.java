package io.pgcaretaker.monitoring.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The alert rules: proven one by one by promtool, where it is installed ({@code apt-get install prometheus}). */
class RulesTest {

    private static final Path FOLDER = Path.of("..", "k8s", "components", "prometheus");
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

    private static List<String> alerts(String text) {
        return ALERT.matcher(text).results().map(found -> found.group(1)).toList();
    }

    @Test
    void everyRuleFiresAndStaysQuietInAUnitTest() throws Exception {
        String tests = Files.readString(FOLDER.resolve("rules/caretaker-test.yaml"));
        List<String> alerts = alerts(Files.readString(FOLDER.resolve("rules/caretaker.yaml")));
        assertThat(alerts).hasSizeGreaterThan(20);
        for (String alert : alerts) {
            assertThat(tests).contains("- name: " + alert + " fires\n", "- name: " + alert + " stays quiet\n");
        }

        assumeTrue(Files.isExecutable(PROMTOOL), "promtool is not installed");
        ProcessBuilder command = new ProcessBuilder(PROMTOOL.toString(), "test", "rules", "caretaker-test.yaml")
                .directory(FOLDER.resolve("rules").toFile())
                .redirectErrorStream(true);
        // A database for each test: left to itself, collecting them is a quarter of the work.
        command.environment().put("GOGC", "400");
        Process promtool = command.start();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }

    @Test
    void operatorsRuleHasTheSameGroups() throws IOException {
        String plain = Files.readString(FOLDER.resolve("rules/caretaker.yaml")).replaceAll("(?m)^#.*\n", "");
        String wrapped = Files.readString(FOLDER.resolve("prometheus-rule.yaml"));

        String spec = wrapped.substring(wrapped.indexOf("spec:\n") + 6).replaceAll("(?m)^  ", "");
        assertThat(spec).isEqualTo(plain);
    }
}
