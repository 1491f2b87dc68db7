package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {

    private static final byte[] ROWS = "4711,2026-01-01 00:00:00+00,a line that comes again and again\n"
            .repeat(50_000)
            .getBytes(StandardCharsets.UTF_8);

    private static byte[] compressed(Compression compression) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = compression.compress(file)) {
            for (int at = 0; at < ROWS.length; at += 1_000) {
                out.write(ROWS, at, Math.min(1_000, ROWS.length - at));
            }
        }
        return file.toByteArray();
    }

    private static byte[] read(Compression compression, byte[] file) throws IOException {
        try (InputStream in = compression.decompress(new ByteArrayInputStream(file))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsReadAgain(Compression compression) throws Exception {
        byte[] file = compressed(compression);

        assertThat(file.length).isLessThan(ROWS.length / 10);
        assertThat(read(compression, file)).isEqualTo(ROWS);
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsCutIsNotTakenForAWholeOne(Compression compression) throws Exception {
        byte[] file = compressed(compression);

        assertThatThrownBy(() -> read(compression, Arrays.copyOf(file, file.length - 3)))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({"p-1.csv.zst, ZSTD", "p-1.csv.gz, GZIP"})
    void theNameTellsWhichItIs(String file, Compression compression) {
        assertThat(Compression.of(file)).isEqualTo(compression);
        assertThat(file).endsWith(compression.suffix());
    }

    /** By the tools that an operator has: the field's, and not ours. */
    @ParameterizedTest
    @CsvSource({"GZIP, gzip", "ZSTD, zstd"})
    void theUsualToolReadsIt(Compression compression, String tool, @TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("rows" + compression.suffix()), compressed(compression));
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, tool))),
                tool + " is not on this machine");

        Process process = new ProcessBuilder(tool, "-dc", file.toString()).start();

        assertThat(process.getInputStream().readAllBytes()).isEqualTo(ROWS);
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void zstdIsThereOnThisMachine() {
        assertThat(Compression.ZSTD.available()).isEqualTo(Compression.ZSTD);
    }

    /** As on a read-only or noexec file system: a process of its own, since a library is loaded once. */
    @Test
    void withoutItsLibraryGzipIsWrittenAndWhatIsZstdIsNotTakenForSpoilt(@TempDir Path folder) throws Exception {
        Path nowhere = folder.resolve("nowhere");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + nowhere,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        WithoutLibrary.class.getName())
                .redirectErrorStream(true)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains(
                        "written as GZIP",
                        "read: the zstd library cannot be unpacked and loaded",
                        "archives are written with gzip");
    }

    /** What the process does. */
    static final class WithoutLibrary {
        public static void main(String[] args) throws IOException {
            Compression usual = Compression.ZSTD.available();
            System.out.println("written as " + usual);
            if (!Arrays.equals(read(usual, compressed(usual)), ROWS)) {
                throw new IllegalStateException("not what was written");
            }
            try {
                read(Compression.ZSTD, new byte[100]);
            } catch (IOException e) {
                System.out.println("read: " + e.getMessage());
            }
        }
    }
}
