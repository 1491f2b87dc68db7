package io.pgcaretaker.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

    @TempDir
    private Path directory;

    private Home home;

    @BeforeEach
    void makeHome() {
        home = new Home(directory, directory.resolve("a home/.caretaker")).create();
    }

    @Test
    void keysAreMadeOnceAndForTheirOwnerOnly() throws Exception {
        Secrets first = Secrets.of(home);

        assertThat(Secrets.of(home)).isEqualTo(first);
        assertThat(first.apiKey()).matches("ctk_[A-Za-z0-9_-]{43}").isNotEqualTo(first.serviceKey());
        assertThat(first.toString()).doesNotContain(first.apiKey());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.secrets())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.directory())))
                .isEqualTo("rwx------");
    }

    @Test
    void stateIsReadAsItWasWritten() throws Exception {
        LocalState state = new LocalState(
                "http://127.0.0.1:8081",
                null,
                null,
                null,
                null,
                "postgresql://u:p@h/d",
                "ctk_key",
                "ctk_service",
                Map.of("monitoring", "http://127.0.0.1:9081"),
                Map.of("launcher", ProcessHandle.current().pid()));

        state.write(home);

        assertThat(LocalState.read(home)).contains(state);
        assertThat(state.launcherLives()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.localState())))
                .isEqualTo("rw-------");
        assertThat(state.toString()).doesNotContain("ctk_").doesNotContain("u:p");
    }

    @Test
    void damagedKeysAreNamed() throws Exception {
        Files.writeString(home.secrets(), "{");

        assertThatThrownBy(() -> Secrets.of(home))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("secrets.json is damaged");
    }

    /** As where CARETAKER_HOME is somebody's own home, or /srv: its rights were changed, and what looked like ours deleted. */
    @Test
    void aDirectoryWithOthersFilesIsNoHomeAndStaysAsItIs() throws Exception {
        Path theirs = Files.createDirectories(directory.resolve("theirs/postgresql-backups"))
                .getParent();
        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThatThrownBy(() -> new Home(directory, theirs).create())
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("such as postgresql-backups; set CARETAKER_HOME to a directory of its own");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(theirs)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void aHomeWhoseFirstStartWasEndedOrThatHasMoreByNowIsOne() throws Exception {
        Files.createFile(home.lock());
        Files.createFile(home.directory().resolve("build.log"));
        assertThat(home.create()).isEqualTo(home);

        Secrets.of(home);
        Files.createFile(home.directory().resolve("notes of mine"));
        assertThat(home.create()).isEqualTo(home);
    }
}
