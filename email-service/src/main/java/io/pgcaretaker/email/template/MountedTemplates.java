package io.pgcaretaker.email.template;

import io.pgcaretaker.email.Kind;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import io.quarkus.qute.TemplateException;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.qute.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A team's own templates, from a mounted directory laid out as the built-in ones: {@code html/welcome.html}, {@code
 * text/welcome.txt}, {@code subject/welcome.txt}. Each is rendered once with a sample when the service starts, so that a
 * broken one stops the start and not a mail.
 */
public final class MountedTemplates {

    private final Map<String, Template> byName = new HashMap<>();

    private MountedTemplates() {}

    static MountedTemplates none() {
        return new MountedTemplates();
    }

    /**
     * Reads all files of the directory.
     *
     * @throws IllegalArgumentException naming the file, the line and what is wrong
     */
    static MountedTemplates of(Path directory, Engine engine) {
        MountedTemplates mounted = new MountedTemplates();
        for (Path file : files(directory)) {
            mounted.add(directory, file, engine);
        }
        return mounted;
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException("must be a directory, but is " + directory);
        }
        List<Path> files = new ArrayList<>();
        for (String part : List.of("html", "subject", "text")) {
            Path folder = directory.resolve(part);
            if (Files.isDirectory(folder)) {
                // A mounted ConfigMap has hidden directories and links beside the files.
                try (Stream<Path> entries = Files.list(folder)) {
                    entries.filter(file -> !file.getFileName().toString().startsWith(".") && Files.isRegularFile(file))
                            .sorted()
                            .forEach(files::add);
                } catch (IOException e) {
                    throw new IllegalArgumentException("cannot be read: " + folder, e);
                }
            }
        }
        return files;
    }

    private void add(Path directory, Path file, Engine engine) {
        String name = directory.relativize(file).toString().replace('\\', '/');
        Kind kind = kind(file, name);
        boolean html = name.startsWith("html/");
        try {
            Template template = engine.parse(
                    Files.readString(file),
                    Variant.forContentType(html ? Variant.TEXT_HTML : Variant.TEXT_PLAIN),
                    "mounted/" + name);
            template.data("mail", Samples.of(kind)).render();
            byName.put(name.substring(0, name.lastIndexOf('.')), template);
        } catch (TemplateException e) {
            String line = e.getOrigin() == null ? "" : ", line " + e.getOrigin().getLine();
            throw new IllegalArgumentException(
                    file + line + ": " + e.getMessage() + " (without the file the built-in templates/" + name
                            + " is used)",
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read: " + file, e);
        }
    }

    private static Kind kind(Path file, String name) {
        String extension = name.startsWith("html/") ? ".html" : ".txt";
        String simple = file.getFileName().toString();
        if (simple.endsWith(extension)) {
            var kind = Kind.ofTemplate(simple.substring(0, simple.length() - extension.length()));
            if (kind.isPresent()) {
                return kind.get();
            }
        }
        throw new IllegalArgumentException(file + ": there is no built-in template of this name to replace");
    }

    List<String> names() {
        return byName.keySet().stream().sorted().toList();
    }

    /** The team's own where there is one. */
    TemplateInstance orBuiltIn(String part, Kind kind, Object mail, TemplateInstance builtIn) {
        Template own = byName.get(part + "/" + kind.wireName());
        return own == null ? builtIn : own.data("mail", mail);
    }
}
