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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Whoever can open it can hold it, and no `up` starts. */
    @Test
    void lockIsItsOwnersOnly() throws Exception {
        HomeLock.take(home).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.lock())))
                .isEqualTo("rw-------");
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
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.localState())))
                .isEqualTo("rw-------");
        assertThat(state.toString()).doesNotContain("ctk_").doesNotContain("u:p");
    }

    /** Those without a password were a stack trace, after PostgreSQL had been unpacked. */
    @ParameterizedTest
    @ValueSource(strings = {"{", "{}", "null", "{\"apiKey\":\"ctk_a\",\"serviceKey\":\"ctk_b\"}"})
    void damagedKeysAreNamed(String keys) throws Exception {
        Files.writeString(home.secrets(), keys);

        assertThatThrownBy(() -> Secrets.of(home))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("secrets.json is damaged");
    }

    @Test
    void keysThatAreGoneWhileTheirPostgresqlIsThereAreNamed() throws Exception {
        Files.createDirectories(home.postgresData());

        assertThatThrownBy(() -> Secrets.of(home))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining("secrets.json is gone");
        assertThat(home.secrets()).doesNotExist();
    }

    private Path theirs(String name) throws Exception {
        Path theirs = Files.createDirectories(directory.resolve("theirs"));
        Files.createDirectories(theirs.resolve(name));
        Files.createFile(theirs.resolve("policies.yaml"));
        return Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** As /srv, or a directory with the policies in it. */
    @Test
    void aDirectoryWithOthersFilesKeepsItsRights() throws Exception {
        Path theirs = theirs("postgresql-backups");

        new Home(directory, theirs).create();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(theirs)))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(theirs.resolve("logs"))))
                .isEqualTo("rwx------");
        assertThat(theirs.resolve("postgresql-backups")).exists();
    }

    @Test
    void filesOfOthersThatAreCalledAsOursAreNotTaken() throws Exception {
        Path theirs = theirs("postgres");

        assertThatThrownBy(() -> new Home(directory, theirs).create())
                .isInstanceOf(CannotException.class)
                .hasMessageContaining(
                        "and a postgres that may be another's; set CARETAKER_HOME to a directory of its own");
        assertThat(theirs.resolve("logs")).doesNotExist();
    }

    @Test
    void aHomeWhoseFirstStartWasEndedOrThatHasMoreByNowIsOne() throws Exception {
        Files.createFile(home.lock());
        Files.createFile(home.directory().resolve("notes of mine"));

        assertThat(home.create()).isEqualTo(home);
    }

    /** After a restart of the machine the pid that it names may be any program's. */
    @Test
    void whatAKilledLauncherLeftIsNotTakenForOneThatRuns() {
        LocalState state = new LocalState(
                null,
                null,
                null,
                null,
                null,
                "postgresql://u:p@h/d",
                "ctk_key",
                "ctk_service",
                Map.of(),
                Map.of("launcher", ProcessHandle.current().pid()));
        assertThat(state.launcherLives(home)).as("no `up` was ever here").isFalse();

        HomeLock lock = HomeLock.take(home);
        assertThat(state.launcherLives(home)).isTrue();

        lock.close();
        assertThat(state.launcherLives(home)).isFalse();
    }

    @Test
    void aStateThatCannotBeReadIsNamed() throws Exception {
        Files.writeString(home.localState(), "{");

        assertThatThrownBy(() -> LocalState.read(home))
                .isInstanceOf(CannotException.class)
                .hasMessageContaining(home.localState() + " is not as `up` writes it");
    }
}
