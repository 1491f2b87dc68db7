package io.pgcaretaker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class VersionTest {

    /** Each command takes it, and it printed nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"-V", "--version", "up -V", "ledger -V", "ledger verify --version", "stop -V"})
    void everyCommandSaysWhichVersionItIs(String arguments) {
        StringWriter output = new StringWriter();

        int exitCode = new CommandLine(new Caretaker())
                .setOut(new PrintWriter(output, true))
                .execute(arguments.split(" ", -1));

        assertThat(exitCode).isZero();
        assertThat(output.toString()).startsWith("caretaker ");
    }
}
