package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.MailServerResource;
import io.pgcaretaker.testing.TestKeys;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The real npm SDK against this service; skipped where Node.js, npm or its registry is not there. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@QuarkusTestResource(MailServerResource.class)
class ResendSdkDbTest {

    private static final Path SOURCE = Path.of("src/test/sdk");
    private static final Path WORK = Path.of("target/sdk");

    @TestHTTPResource("/")
    URI base;

    @Test
    void unmodifiedSdkFindsWhatItExpects() throws Exception {
        Files.createDirectories(WORK);
        for (String file : List.of("package.json", "conformance.mjs")) {
            Files.copy(SOURCE.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        assumeTrue(runs("node", "--version"), "skipped: Node.js is not installed");
        assumeTrue(
                Files.exists(WORK.resolve("node_modules/resend"))
                        || runs("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"),
                "skipped: npm cannot install the SDK");

        Run conformance = run(List.of(
                "node", "conformance.mjs", base.toString().replaceAll("/$", ""), TestKeys.SENDER, TestKeys.UNKNOWN));

        assertThat(conformance.output()).doesNotContain("FAILED").contains("ok errors");
        assertThat(conformance.exitCode()).isZero();
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return run(List.of(command)).exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private record Run(int exitCode, String output) {}

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
