package io.pgcaretaker.cli.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.local.CannotException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {

    @TempDir
    private Path parent;

    @Test
    void thoseOfOtherBuildsGoAndWhatSomebodyKeepsUnderSuchANameStays() throws Exception {
        Path other = Files.createDirectory(parent.resolve("postgresql-0123456789ab"));
        Path half = Files.createDirectory(parent.resolve("postgresql-new1234567890"));
        Path backups = Files.createDirectory(parent.resolve("postgresql-backups"));

        Binaries.unpack(parent);

        assertThat(other).doesNotExist();
        assertThat(half).doesNotExist();
        assertThat(backups).exists();
    }

    @Test
    void aHalfMadeClusterGoesAndWhatSomebodyKeepsUnderSuchANameStays() throws Exception {
        Path half = Files.createDirectory(parent.resolve("postgres.new1234567890"));
        Path notes = Files.createDirectory(parent.resolve("postgres.new-notes"));

        new DataDirectory(parent.resolve("postgres")).make(into -> {});

        assertThat(half).doesNotExist();
        assertThat(notes).exists();
    }

    /** As on a file system that is mounted noexec: it was said that the machine allows no user namespaces. */
    @Test
    void programsThatMayNotBeRunAreSaidToBeSo() throws Exception {
        Path program = Binaries.unpack(parent).program("postgres");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> Binaries.unpack(parent))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("may not be run: its file system is mounted noexec");
    }
}
