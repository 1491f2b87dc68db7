package io.pgcaretaker.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where things lie.
 *
 * @param root the checkout with the built services
 * @param directory {@code .caretaker} in it, or {@code CARETAKER_HOME}: all that is kept between two commands
 */
public record Home(Path root, Path directory) {

    public Home {
        root = root.toAbsolutePath().normalize();
        directory = directory.toAbsolutePath().normalize();
    }

    /** Creates the directory, for its owner's eyes only. */
    public Home create() {
        try {
            Files.createDirectories(directory);
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
