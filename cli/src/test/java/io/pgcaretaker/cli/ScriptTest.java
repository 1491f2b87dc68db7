package io.pgcaretaker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cli.up.LocalCaretaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script itself; what it starts is UpIT's. */
class ScriptTest {

    @TempDir
    private Path directory;

    private record Ended(int exitCode, String output) {}

    @Test
    void printsHelpWithoutAnArgument() throws Exception {
        Ended ended = run(script(), Map.of());

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.output()).contains("Usage: ./caretaker COMMAND", "up ", "DATABASE_URL");
        assertThat(run(script(), Map.of(), "help").output()).isEqualTo(ended.output());
    }

    @Test
    void anUnknownCommandIsNamed() throws Exception {
        Ended ended = run(script(), Map.of(), "dwon");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("no command dwon");
    }

    @Test
    void anOldJavaIsNamedWithItsVersion() throws Exception {
        Ended ended = run(script(), Map.of("JAVA_HOME", fakeJava("1.8.0_392")), "status");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("is Java 1.8.0_392, but Caretaker needs a JDK 17 or newer");
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        Ended ended = run(script(), Map.of("JAVA_HOME", directory.toString()), "up");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("JAVA_HOME is " + directory, "point it to a JDK 17 or newer");
    }

    @Test
    void aMachineWithoutJavaIsToldWhatToInstall() throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String program : List.of("dirname", "readlink", "sed", "head", "cat")) {
            Files.createSymbolicLink(bin.resolve(program), Path.of("/usr/bin/" + program));
        }

        Ended ended = run(script(), Map.of("PATH", bin.toString(), "JAVA_HOME", ""), "up");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("no java found; install a JDK 17 or newer");
    }

    @Test
    void findsItsCheckoutThroughALinkInADirectoryWithBlanks() throws Exception {
        Path link = Files.createSymbolicLink(
                Files.createDirectory(directory.resolve("a b")).resolve("ct"), script());
        Path home = directory.resolve("no such home");

        Ended ended = run(link, Map.of("CARETAKER_HOME", home.toString()), "status");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).containsAnyOf("nothing runs in " + home, "nothing is built yet");
    }

    /** Two builds in one checkout would write into each other's files. */
    @Test
    void whoeverIsSecondToBuildIsToldAndWhatAKilledBuildLeftIsInNobodysWay() throws Exception {
        Path checkout = Files.createDirectory(directory.resolve("check out"));
        Path copy = Files.copy(script(), checkout.resolve("caretaker"));
        executable(
                checkout.resolve("mvnw"),
                "echo one >> '" + directory.resolve("builds") + "'; while [ ! -f '" + directory.resolve("go")
                        + "' ]; do sleep 0.1; done; exit 1");
        Path bin = Files.createDirectories(directory.resolve("jdk/bin"));
        executable(bin.resolve("java"), "echo 'openjdk version \"17.0.1\"' >&2");
        executable(bin.resolve("javac"), "exit 1");
        Map<String, String> jdk = Map.of("JAVA_HOME", bin.getParent().toString(), "CARETAKER_HOME", "home");
        Path pid = checkout.resolve("cli/target/building/pid");

        Files.createDirectories(pid.getParent());
        Files.writeString(pid, "999999999");
        CompletableFuture<Ended> first = CompletableFuture.supplyAsync(() -> {
            try {
                return run(copy, jdk, "up");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await().until(() -> Files.exists(directory.resolve("builds")));
        Ended second = run(copy, jdk, "up");
        Files.createFile(directory.resolve("go"));

        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output()).contains("another ./caretaker up (pid ", "builds here");
        assertThat(first.join().output()).contains("the build failed");
        assertThat(pid.getParent()).doesNotExist();
        assertThat(Files.readAllLines(directory.resolve("builds"))).hasSize(1);
    }

    /** As from cron or a systemd unit: Java could not open what lies under such a name. */
    @Test
    void lettersBeyondAsciiAreFilesWithoutALocaleToo() throws Exception {
        Path checkout = Files.createDirectory(directory.resolve("check out"));
        Path copy = Files.copy(script(), checkout.resolve("caretaker"));
        Files.createDirectories(checkout.resolve("cli/target"));
        Files.createFile(checkout.resolve("cli/target/caretaker-cli.jar"));
        Path bin = Files.createDirectories(directory.resolve("jdk/bin"));
        executable(
                bin.resolve("java"),
                "[ \"$1\" = -version ] && echo 'openjdk version \"17.0.1\"' >&2 || echo \"LC_ALL=$LC_ALL\"");
        String jdk = bin.getParent().toString();

        assertThat(run(copy, Map.of("JAVA_HOME", jdk, "LC_ALL", "C"), "status").output())
                .contains("LC_ALL=C.UTF-8");
    }

    private static void executable(Path file, String script) throws Exception {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path script() {
        return LocalCaretaker.ROOT.resolve("caretaker");
    }

    private String fakeJava(String version) throws Exception {
        Path bin = Files.createDirectories(directory.resolve("old/bin"));
        executable(bin.resolve("java"), "echo 'openjdk version \"" + version + "\"' >&2");
        return bin.getParent().toString();
    }

    private Ended run(Path script, Map<String, String> environment, String... arguments) throws Exception {
        Path output = Files.createTempFile(directory, "script", ".out");
        List<String> command = new java.util.ArrayList<>(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(output));
    }
}
