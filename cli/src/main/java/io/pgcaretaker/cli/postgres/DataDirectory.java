package io.pgcaretaker.cli.postgres;

import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The cluster's files: made whole or not at all, and what its lock file says. */
final class DataDirectory {

    private final Path path;

    DataDirectory(Path path) {
        this.path = path;
    }

    boolean isEmpty() {
        return !Files.exists(path.resolve("PG_VERSION"));
    }

    /** Such as {@code 18}. */
    String majorVersion() {
        try {
            return Files.readString(path.resolve("PG_VERSION")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets {@code initdb} work beside the place and moves the result there: a half-made cluster never is found. */
    void make(Initdb initdb) {
        try {
            Path parent = java.util.Objects.requireNonNull(path.getParent());
            deleteHalfMade(parent);
            Path fresh = Files.createTempDirectory(parent, path.getFileName() + ".new");
            initdb.into(fresh);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void deleteHalfMade(Path parent) throws IOException {
        Pattern fresh = Pattern.compile(Pattern.quote(path.getFileName() + ".new") + "[0-9]+");
        List<Path> halfMade;
        try (Stream<Path> entries = Files.list(parent)) {
            halfMade = entries.filter(entry ->
                            fresh.matcher(entry.getFileName().toString()).matches())
                    .toList();
        }
        for (Path directory : halfMade) {
            Binaries.deleteTree(directory);
        }
    }

    interface Initdb {
        void into(Path directory);
    }

    void writeConfiguration(String text) {
        try {
            Files.writeString(path.resolve("postgresql.conf"), text);
        } catch (IOException e) {
            throw new CannotException("cannot write to " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * The postmaster that serves this directory, whoever started it. The pid in the lock file alone proves nothing:
     * after a crash it may be another program's.
     */
    Optional<ProcessHandle> postmaster() {
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(path.resolve("postmaster.pid")).get(0).strip());
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::serves);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private boolean serves(ProcessHandle process) {
        return process.info()
                .arguments()
                .map(arguments -> Arrays.asList(arguments).contains(path.toString()))
                .orElse(false);
    }

    /** Call only when {@link #postmaster} is empty: PostgreSQL does not start beside a living pid of whatever program. */
    void deleteStaleLock() {
        try {
            Files.deleteIfExists(path.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
