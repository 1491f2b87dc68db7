package io.pgcaretaker.email;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a script of {@code src/test/sdk} with the real npm SDK beside it. */
public final class ResendSdk {

    private static final Path SOURCE = Path.of("src/test/sdk");
    public static final Path WORK = Path.of("target/sdk");

    private ResendSdk() {}

    /** What the script said. */
    public record Run(int exitCode, String output) {}

    /** Skips the test where Node.js, npm or its registry is not there. */
    public static Run run(String script, String... arguments) throws IOException, InterruptedException {
        Files.createDirectories(WORK);
        for (String file : List.of("package.json", script)) {
            Files.copy(SOURCE.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        assumeTrue(runs("node", "--version"), "skipped: Node.js is not installed");
        assumeTrue(
                Files.exists(WORK.resolve("node_modules/resend"))
                        || runs("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"),
                "skipped: npm cannot install the SDK");
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return run(List.of(command)).exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Run run(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(WORK, "run", ".log");
        Process process = new ProcessBuilder(command)
                .directory(WORK.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return new Run(process.waitFor(), Files.readString(log, StandardCharsets.UTF_8));
    }
}
