package io.pgcaretaker.cli;

import io.pgcaretaker.cli.archive.Archives;
import io.pgcaretaker.cli.ledger.Ledger;
import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.HomeLock;
import io.pgcaretaker.cli.status.Start;
import io.pgcaretaker.cli.status.Status;
import io.pgcaretaker.cli.status.Stop;
import io.pgcaretaker.cli.up.Up;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. The script {@code caretaker} builds and then starts this, naming the checkout. */
@Command(
        name = "caretaker",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = Caretaker.Version.class,
        description = "Looks after the PostgreSQL behind an application.",
        subcommands = {Up.class, Status.class, Stop.class, Start.class, Ledger.class, Archives.class})
public final class Caretaker implements Runnable, Up.HomeSource {

    /** Held for good: a logger that nobody holds forgets its level. */
    private static final Logger ROOT = Logger.getLogger("");

    /** Of the jar that this is in. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Caretaker.class.getPackage().getImplementationVersion();
            return new String[] {"caretaker " + (version == null ? "(not packaged)" : version)};
        }
    }

    @Override
    public Home home() {
        Path root = Path.of(System.getProperty("caretaker.root", "."));
        return new Home(
                root,
                Optional.ofNullable(System.getenv("CARETAKER_HOME"))
                        .filter(directory -> !directory.isBlank())
                        .map(Path::of)
                        .orElse(root.resolve(".caretaker")));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /** For the script, before it builds over what a running `up` uses. */
    @Command(name = "can-build", hidden = true, description = "Fails when `up` runs here.")
    int canBuild() {
        HomeLock.take(home().create()).close();
        return 0;
    }

    /** For the person at the terminal: what they can mend themselves, such as a full disk. Empty: an error of ours. */
    static Optional<String> sentence(Exception failure) {
        if (failure instanceof CannotException) {
            return Optional.of(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof UncheckedIOException wrapped) {
            IOException cause = Objects.requireNonNull(wrapped.getCause());
            String what = String.valueOf(wrapped.getMessage());
            return Optional.of(what.equals(cause.toString()) ? sentence(cause) : what + ": " + sentence(cause));
        }
        if (failure instanceof SQLException refused && isTheServers(refused)) {
            return Optional.of("PostgreSQL: " + refused.getMessage());
        }
        return failure instanceof IOException io ? Optional.of(sentence(io)) : Optional.empty();
    }

    /** No connection, a login that it does not take, no disk or memory, or it is being stopped. */
    private static boolean isTheServers(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && Stream.of("08", "28", "53", "57", "58").anyMatch(state::startsWith);
    }

    private static String sentence(IOException failure) {
        if (failure instanceof FileSystemException file) {
            String reason = file.getReason();
            return file.getFile() + ": "
                    + (reason == null ? file.getClass().getSimpleName().replace("Exception", "") : reason);
        }
        return String.valueOf(failure.getMessage());
    }

    public static void main(String... args) {
        // PostgreSQL's configuration has figures, and in an Arabic locale they had digits that it does not read.
        Locale.setDefault(Locale.ROOT);
        // GreenMail and Flyway tell of each step; this program's own lines say what matters.
        ROOT.setLevel(Level.WARNING);
        System.exit(new CommandLine(new Caretaker())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    Optional<String> sentence = sentence(failure);
                    if (sentence.isPresent()) {
                        command.getErr().println("caretaker: " + sentence.get());
                    } else {
                        failure.printStackTrace(command.getErr());
                    }
                    return 1;
                })
                .execute(args));
    }
}
