package io.pgcaretaker.email.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.qute.Engine;
import io.quarkus.qute.ReflectionValueResolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountedTemplatesTest {

    private final Engine engine = Engine.builder()
            .addDefaults()
            .addValueResolver(new ReflectionValueResolver())
            .build();

    @TempDir
    Path directory;

    private void mounted(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void itKnowsWhatItReplaces() throws IOException {
        mounted("html/welcome.html", "<p>Hi {mail.name}</p>");
        mounted("subject/test.txt", "S {mail.message}");

        assertThat(MountedTemplates.of(directory, engine).names()).containsExactly("html/welcome", "subject/test");
    }

    @Test
    void brokenMountedTemplateIsNamedWithItsLineAndTheBuiltInOne() throws IOException {
        mounted("text/welcome.txt", "Hello\n{mail.nmae}\n");
        assertThatThrownBy(() -> MountedTemplates.of(directory, engine))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("welcome.txt, line 2")
                .hasMessageContaining("nmae")
                .hasMessageContaining("built-in templates/text/welcome.txt");
        mounted("text/welcome.txt", "{#if mail.name}\nnever ends");
        assertThatThrownBy(() -> MountedTemplates.of(directory, engine)).hasMessageContaining("welcome.txt");
        Files.delete(directory.resolve("text/welcome.txt"));
        mounted("html/welcom.html", "x");
        assertThatThrownBy(() -> MountedTemplates.of(directory, engine)).hasMessageContaining("no built-in template");
    }
}
