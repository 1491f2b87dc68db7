package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorsFileTest {

    private static final String SETTING = "caretaker.monitoring.alerts.rules-file";

    @TempDir
    Path folder;

    @Test
    void fileThatCannotBeReadSaysWhy() throws Exception {
        Path file = folder.resolve("rules.yaml");

        assertThatThrownBy(() -> OperatorsFile.read(SETTING, file.toString()))
                .hasMessage(SETTING + " cannot be read: " + file);
        Files.writeString(file, "# caf\u00e9", StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> OperatorsFile.read(SETTING, file.toString()))
                .hasMessage(SETTING + " " + file + ": must be UTF-8");
        Files.writeString(file, "#".repeat(1_048_577));
        assertThatThrownBy(() -> OperatorsFile.read(SETTING, file.toString()))
                .hasMessage(SETTING + " " + file + ": must have at most 1048576 bytes, but has 1048577");
    }

    @ParameterizedTest
    @CsvSource({
        "http://alertmanager:9093, true",
        "https://hooks.example.com/a?b@c, true",
        "https://u:secret@hooks.example.com/a?b, false",
        "alertmanager:9093, false",
        "ftp://host/x, false",
        "/hook, false",
        "http:///hook, false"
    })
    void addressOfOthersIsOneThatCanBeCalled(URI address, boolean valid) {
        assertThat(HttpAddress.Rule.canBeCalled(address)).isEqualTo(valid);
    }
}
