package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** CONTRIBUTING.md says which packages know which. */
class LayersTest {

    private static final Path SOURCES = Path.of("src/main/java/io/pgcaretaker/cleanup");

    /** Each knows those before it. */
    private static final List<String> LAYERS =
            List.of("policy", "catalogue", "statement", "preflight", "breaker", "plan", "run", "removal", "engine");

    static Stream<String> layers() {
        return LAYERS.stream().limit(LAYERS.size() - 1);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void knowsNoneThatComesAfter(String layer) throws IOException {
        List<String> later = LAYERS.subList(LAYERS.indexOf(layer) + 1, LAYERS.size());
        try (Stream<Path> files = Files.list(SOURCES.resolve(layer))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(1);
            for (Path source : sources) {
                assertThat(Files.readString(source))
                        .as("%s", source.getFileName())
                        .doesNotContain(later.stream()
                                .map(name -> "io.pgcaretaker.cleanup." + name + ".")
                                .toArray(CharSequence[]::new));
            }
        }
    }

    @Test
    void areNamedForContributors() throws IOException {
        assertThat(Files.readString(Path.of("../CONTRIBUTING.md")))
                .containsSubsequence(
                        LAYERS.stream().map(name -> "`" + name + "`").toArray(CharSequence[]::new));
    }
}
