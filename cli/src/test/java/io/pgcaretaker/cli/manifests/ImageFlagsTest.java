package io.pgcaretaker.cli.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cli.up.LocalCaretaker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The flags with which the images start. */
class ImageFlagsTest {

    @ParameterizedTest
    @CsvSource({"monitoring-service, 1", "cleanup-service, 1", "email-service, 4"})
    void aJvmTakesThemAndTheMailerHasItsWholeCompiler(String service, int tier) throws Exception {
        Path flags = LocalCaretaker.ROOT.resolve("k8s/jvm/" + service + ".options");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + flags,
                        "-XX:+PrintFlagsFinal",
                        "-version")
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor()).as(output).isZero();
        assertThat(output.lines()
                        .filter(line -> line.matches(" *\\w+ (TieredStopAtLevel|MaxRAMPercentage|UseSerialGC) .*")))
                .anyMatch(line -> line.matches(".* TieredStopAtLevel += " + tier + " .*"))
                .anyMatch(line -> line.matches(".* MaxRAMPercentage += 35.0+ .*"))
                .anyMatch(line -> line.matches(".* UseSerialGC += true .*"));
    }
}
