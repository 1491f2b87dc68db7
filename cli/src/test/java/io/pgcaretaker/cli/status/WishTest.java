package io.pgcaretaker.cli.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.HomeLock;
import io.pgcaretaker.cli.local.LocalState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WishTest {

    @TempDir
    private Path directory;

    /** A wish is a file: `stop ../secrets.json` emptied that one, and `start` deleted it. */
    @Test
    void whatIsNoPartIsRefusedAndNoFileOfThatNameIsTouched() throws Exception {
        Home home = new Home(directory, directory.resolve("home")).create();
        long self = ProcessHandle.current().pid();
        new LocalState(
                        null,
                        null,
                        null,
                        null,
                        null,
                        "postgresql://u:p@h/d",
                        "ctk_key",
                        "ctk_service",
                        Map.of(),
                        Map.of("launcher", self, "postgres", self))
                .write(home);
        Path precious = Files.writeString(home.directory().resolve("precious"), "keep");
        Files.createDirectories(home.directory().resolve("hold"));

        HomeLock lock = HomeLock.take(home);
        for (String name : new String[] {"../precious", "launcher", "", "."}) {
            assertThatThrownBy(() -> new Wish(home, name))
                    .isInstanceOf(CannotException.class)
                    .hasMessageContaining("name monitoring, cleanup, email or postgres");
        }

        assertThat(precious).hasContent("keep");
        assertThat(new Wish(home, "postgres")).isNotNull();
        lock.close();
    }
}
