package io.pgcaretaker.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where things lie.
 *
 * @param root the checkout with the built services
 * @param directory {@code .caretaker} in it, or {@code CARETAKER_HOME}: all that is kept between two commands
 */
public record Home(Path root, Path directory) {

    /** What is in it before its first `up` has come to its end, and what a file system has of its own. */
    private static final Pattern OURS =
            Pattern.compile("lock|logs|build\\.log|secrets\\.json|config|lost\\+found|\\..+\\.new");

    public Home {
        root = root.toAbsolutePath().normalize();
        directory = directory.toAbsolutePath().normalize();
    }

    /**
     * Creates the directory, for its owner's eyes only.
     *
     * @throws CannotException when it holds what others keep, as somebody's own home does: its rights are not ours to change
     */
    public Home create() {
        try {
            Files.createDirectories(directory);
            requireOurs();
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(logs());
            return this;
        } catch (IOException | SecurityException e) {
            throw new CannotException(
                    "cannot write to " + directory + " (" + e.getMessage()
                            + "); set CARETAKER_HOME to a directory of yours",
                    e);
        }
    }

    private void requireOurs() throws IOException {
        if (Files.exists(lock()) && Files.exists(secrets())) {
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> !OURS.matcher(name).matches())
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw new CannotException(directory + " has files that are not Caretaker's, such as " + name
                                + "; set CARETAKER_HOME to a directory of its own");
                    });
        }
    }

    public Path localState() {
        return directory.resolve("local.json");
    }

    public Path secrets() {
        return directory.resolve("secrets.json");
    }

    Path lock() {
        return directory.resolve("lock");
    }

    public Path postgresData() {
        return directory.resolve("postgres");
    }

    public Path logs() {
        return directory.resolve("logs");
    }

    /** Archives of the services' classes, for a faster start. */
    public Path classes() {
        return directory.resolve("classes");
    }

    public Path log(String name) {
        return logs().resolve(name + ".log");
    }

    /** While this file is there, {@code up} keeps the part stopped. */
    public Path hold(String name) {
        return directory.resolve("hold").resolve(name);
    }
}
