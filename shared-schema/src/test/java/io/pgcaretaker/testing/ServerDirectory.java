package io.pgcaretaker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Where a test's server keeps its data: in memory where the machine has plenty of it, since a database is six hundred files,
 * which a disk takes ten times as long to make and to remove. Tests kill processes, never the machine, so what was
 * written is there afterwards either way.
 */
public final class ServerDirectory {

    private static final Path MEMORY = Path.of("/dev/shm");

    /** The databases of all modules that are tested side by side, twice. */
    private static final long ROOM = 8L << 30;

    private static final Pattern NAME = Pattern.compile("caretaker-test-([0-9]+)-.*");

    private ServerDirectory() {}

    /** {@code @TempDir(factory = ServerDirectory.Factory.class)}: JUnit removes it after the test. */
    public static final class Factory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension) {
            return create();
        }
    }

    /** An empty directory; the server removes it, or else the next test that asks after this JVM has ended. */
    public static Path create() {
        try {
            if (!hasRoom()) {
                return Files.createTempDirectory(prefix());
            }
            removeThoseOfDeadProcesses();
            return Files.createTempDirectory(MEMORY, prefix());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String prefix() {
        return "caretaker-test-" + ProcessHandle.current().pid() + "-";
    }

    private static boolean hasRoom() throws IOException {
        return Files.isWritable(MEMORY)
                && Files.getFileStore(MEMORY).getUsableSpace() > ROOM
                && availableMemory() > ROOM;
    }

    private static long availableMemory() throws IOException {
        Path memory = Path.of("/proc/meminfo");
        if (!Files.isReadable(memory)) {
            return 0;
        }
        for (String line : Files.readAllLines(memory)) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return 0;
    }

    /** Of test runs that were killed: what they left takes memory. */
    private static void removeThoseOfDeadProcesses() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(MEMORY, "caretaker-test-*")) {
            for (Path directory : all) {
                Matcher name = NAME.matcher(directory.getFileName().toString());
                if (name.matches()
                        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
                    delete(directory);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            /** Another test may remove the same. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
