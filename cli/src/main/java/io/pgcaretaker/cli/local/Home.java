package io.pgcaretaker.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where things lie.
 *
 * @param root the checkout with the built services
 * @param directory {@code .caretaker} in it, or {@code CARETAKER_HOME}: all that is kept between two commands
 */
public record Home(Path root, Path directory) {

    /** What Caretaker makes in it or reads from it, and what a file system has of its own. */
    private static final Pattern KNOWN =
            Pattern.compile("lock|logs|build\\.log|secrets\\.json|local\\.json|config|classes|hold"
                    + "|postgres(\\.new[0-9]+)?|postgresql-(new[0-9]+|[0-9a-f]{12})|lost\\+found|\\..+\\.new");

    /** What would be taken for its own where somebody else has made it. */
    private static final List<String> TAKEN = List.of("postgres", "logs", "classes", "hold");

    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");

    public Home {
        root = root.toAbsolutePath().normalize();
        directory = directory.toAbsolutePath().normalize();
    }

    /**
     * Creates the directory, for its owner's eyes only. One that has files of others keeps its rights; what lies in it is its
     * owner's all the same.
     *
     * @throws CannotException when somebody else's files have the names of Caretaker's own
     */
    public Home create() {
        try {
            Files.createDirectories(directory);
            if (hasFilesOfOthers()) {
                requireOwnNames();
            } else {
                Files.setPosixFilePermissions(directory, OWNERS);
            }
            Files.createDirectories(logs(), PosixFilePermissions.asFileAttribute(OWNERS));
            return this;
        } catch (IOException | SecurityException e) {
            throw new CannotException(
                    "cannot write to " + directory + " (" + e.getMessage()
                            + "); set CARETAKER_HOME to a directory of yours",
                    e);
        }
    }

    private boolean hasFilesOfOthers() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .anyMatch(name -> !KNOWN.matcher(name).matches());
        }
    }

    /** Where no `up` has ever begun, they are somebody else's. */
    private void requireOwnNames() {
        if (!Files.exists(lock())) {
            TAKEN.stream()
                    .filter(name -> Files.exists(directory.resolve(name)))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new CannotException(directory + " has files that are not Caretaker's, and a " + name
                                + " that may be another's; set CARETAKER_HOME to a directory of its own");
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
