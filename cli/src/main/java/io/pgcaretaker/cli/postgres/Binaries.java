package io.pgcaretaker.cli.postgres;

import io.pgcaretaker.cli.local.CannotException;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the jar of this platform. */
public final class Binaries {

    private static final String PREFIX = "postgresql-";

    /** Of other builds, and half unpacked ones; somebody's {@code postgresql-backups} is none. */
    private static final Pattern OLD = Pattern.compile(PREFIX + "(new[0-9]+|[0-9a-f]{12})");

    private final Path directory;

    private Binaries(Path directory) {
        this.directory = directory;
    }

    public Path program(String name) {
        return directory.resolve("bin").resolve(name);
    }

    /** Those of this build under {@code parent}; others of earlier builds go. */
    public static Binaries unpack(Path parent) {
        try {
            byte[] archive = archive();
            Path directory = parent.resolve(PREFIX + hash(archive));
            deleteAllBut(parent, directory);
            if (!Files.isDirectory(directory)) {
                Path fresh = Files.createTempDirectory(parent, PREFIX + "new");
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                extract(archive, fresh);
                Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            }
            Binaries binaries = new Binaries(directory);
            binaries.requirePrograms();
            return binaries;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL cannot be unpacked to " + parent, e);
        }
    }

    private void requirePrograms() {
        Path program = program("postgres");
        if (!Files.isExecutable(program)) {
            throw new CannotException(
                    program + " may not be run: its file system is mounted noexec, or somebody took the right;"
                            + " set CARETAKER_HOME to a directory whose programs may be run");
        }
    }

    private static byte[] archive() {
        String system = System.getProperty("os.name");
        String hardware = System.getProperty("os.arch");
        try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
                system.startsWith("Mac") ? "Darwin" : system, hardware.equals("amd64") ? "x86_64" : hardware)) {
            return in.readAllBytes();
        } catch (IOException | IllegalStateException e) {
            throw new CannotException(
                    "this build brings no PostgreSQL for " + system + " " + hardware
                            + "; set DATABASE_URL to use one of yours",
                    e);
        }
    }

    private static String hash(byte[] archive) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void extract(byte[] archive, Path directory) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = directory.resolve(entry.getName()).normalize();
                if (!target.startsWith(directory)) {
                    throw new IOException("the archive leaves its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else if (entry.isFile()) {
                    Files.copy(tar, target);
                    boolean program = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    private static void deleteAllBut(Path parent, Path keep) throws IOException {
        List<Path> old;
        try (Stream<Path> entries = Files.list(parent)) {
            old = entries.filter(
                            entry -> OLD.matcher(entry.getFileName().toString()).matches())
                    .filter(entry -> !entry.equals(keep))
                    .toList();
        }
        for (Path directory : old) {
            deleteTree(directory);
        }
    }

    static void deleteTree(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> entries = Files.walk(directory)) {
            deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : deepestFirst) {
            Files.deleteIfExists(entry);
        }
    }
}
