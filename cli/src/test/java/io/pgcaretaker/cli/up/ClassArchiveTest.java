package io.pgcaretaker.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With a real JVM, and a small program in place of a service. */
class ClassArchiveTest {

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    private Path folder;

    private Path application;

    @BeforeEach
    void copyTheProgram() throws Exception {
        Path driver = Path.of(Class.forName("org.postgresql.Driver")
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        application = Files.createDirectories(folder.resolve("application"));
        Files.copy(driver, application.resolve("run.jar"));
    }

    private ClassArchive archive() throws IOException {
        return ClassArchive.of(folder.resolve("classes"), "program", JAVA_HOME, Service.JVM_FLAGS, application);
    }

    /** What it says, its exit code last. */
    private String run(ClassArchive archive, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(JAVA_HOME.resolve("bin/java").toString()));
        command.addAll(Service.JVM_FLAGS);
        command.addAll(archive.flags());
        command.addAll(List.of(more));
        command.addAll(List.of("-cp", application.resolve("run.jar").toString(), "org.postgresql.util.PGJDBCMain"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said + process.waitFor();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("classes"))) {
            return all.toList();
        }
    }

    @Test
    void theFirstStartMakesItAndTheNextTakesTheClassesFromIt() throws Exception {
        String first = run(archive());
        archive().keep();

        String next = run(archive(), "-Xlog:class+load:file=" + folder.resolve("loaded.log"));

        assertThat(next).isEqualTo(first).contains("PostgreSQL");
        assertThat(Files.readString(folder.resolve("loaded.log")))
                .containsPattern("org\\.postgresql\\.util\\.PGJDBCMain source: shared objects file \\(top\\)");
        assertThat(files()).hasSize(1);
    }

    private enum Damage {
        CUT {
            @Override
            byte[] of(byte[] whole) {
                return Arrays.copyOf(whole, whole.length / 2);
            }
        },
        EMPTY {
            @Override
            byte[] of(byte[] whole) {
                return new byte[0];
            }
        },
        OVERWRITTEN {
            @Override
            byte[] of(byte[] whole) {
                byte[] zeros = whole.clone();
                Arrays.fill(zeros, whole.length / 3, whole.length / 3 * 2, (byte) 0);
                return zeros;
            }
        },
        ONE_BIT {
            @Override
            byte[] of(byte[] whole) {
                byte[] flipped = whole.clone();
                flipped[whole.length / 2] ^= 1;
                return flipped;
            }
        },
        SOMETHING_ELSE {
            @Override
            byte[] of(byte[] whole) {
                return "no archive at all".getBytes(StandardCharsets.UTF_8);
            }
        };

        abstract byte[] of(byte[] whole);
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenOneChangesNothingOfWhatTheProgramDoes(Damage damage) throws Exception {
        String first = run(archive());
        archive().keep();
        Path kept = files().get(0);
        byte[] broken = damage.of(Files.readAllBytes(kept));
        Files.delete(kept);
        Files.write(kept, broken);

        assertThat(run(archive())).isEqualTo(first);
    }

    @Test
    void ofAnotherBuildItIsAnotherAndTheFormerOneGoes() throws Exception {
        run(archive());
        archive().keep();
        Path former = files().get(0);

        Files.writeString(application.resolve("more.txt"), "a new build");

        assertThat(archive().isKept()).isFalse();
        run(archive());
        archive().keep();
        assertThat(files()).hasSize(1).doesNotContain(former);
    }

    @Test
    void whatAnEndOutOfOrderLeavesIsNotKept() throws Exception {
        run(archive());

        archive().discard();
        archive().keep();

        assertThat(archive().isKept()).isFalse();
        assertThat(files()).isEmpty();
    }

    @Test
    void withOptionsOfThePersonsOwnThereIsNone() {
        assertThat(ClassArchive.fits(Map.of("JDK_JAVA_OPTIONS", " "))).isTrue();
        assertThat(ClassArchive.fits(Map.of("JAVA_TOOL_OPTIONS", "-javaagent:agent.jar")))
                .isFalse();
    }
}
