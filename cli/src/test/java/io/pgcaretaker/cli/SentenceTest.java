package io.pgcaretaker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cli.local.CannotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What a command says when it fails: a sentence where somebody can mend it, a stack trace where we have to. */
class SentenceTest {

    @Test
    void whatTheMachineRefusesIsASentence() {
        IOException full = new IOException("No space left on device");

        assertThat(Caretaker.sentence(new CannotException("nothing runs here"))).contains("nothing runs here");
        assertThat(Caretaker.sentence(full)).contains("No space left on device");
        assertThat(Caretaker.sentence(new UncheckedIOException(full))).contains("No space left on device");
        assertThat(Caretaker.sentence(new UncheckedIOException("PostgreSQL cannot be unpacked to /x", full)))
                .contains("PostgreSQL cannot be unpacked to /x: No space left on device");
        assertThat(Caretaker.sentence(new FileSystemException("/x", null, "Read-only file system")))
                .contains("/x: Read-only file system");
        assertThat(Caretaker.sentence(new UncheckedIOException(new AccessDeniedException("/x"))))
                .contains("/x: AccessDenied");
        assertThat(Caretaker.sentence(new SQLException("could not extend file: No space left on device", "53100")))
                .contains("PostgreSQL: could not extend file: No space left on device");
        assertThat(Caretaker.sentence(new SQLException("syntax error", "42601")))
                .isEmpty();
        assertThat(Caretaker.sentence(new IllegalStateException("ours"))).isEmpty();
    }
}
