package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ./caretaker up}. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Starts PostgreSQL, a mail catcher and the three services on this machine, until Ctrl-C.",
            "With DATABASE_URL (and SMTP_URL) set it uses those instead, and loads no sample data."
        })
public final class Up implements Callable<Integer> {

    /** Gives {@link Home}; the top-level command knows it. */
    public interface HomeSource {
        Home home();
    }

    @ParentCommand
    private @Nullable HomeSource parent;

    @Option(
            names = "--ports-from",
            paramLabel = "PORT",
            description =
                    "Use free ports from this one upwards instead of 8081 and its fellows; for a second checkout.")
    private @Nullable Integer portsFrom;

    @Option(
            names = "--without-services",
            description = "PostgreSQL and the mail catcher only: the services are started from elsewhere.")
    private boolean withoutServices;

    @Override
    public Integer call() throws Exception {
        if (parent == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        if (portsFrom != null && (portsFrom < 1024 || portsFrom > 65_000)) {
            throw new CannotException("--ports-from must be between 1024 and 65000, but is " + portsFrom);
        }
        OptionalInt from = portsFrom == null ? OptionalInt.empty() : OptionalInt.of(portsFrom);
        Options options = new Options(from, !withoutServices);
        Screen screen = new Screen(System.out);
        Lifetime lifetime = new Lifetime(Thread.currentThread(), screen);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(lifetime, screen), "stop"));
        try {
            new Launch(parent.home().create(), new Settings(System.getenv()), options, screen, lifetime).run();
            lifetime.startingIsOver();
            Thread.currentThread().join();
            return 0;
        } catch (Exception e) {
            // A signal is at work: its shutdown hook ends this process when all is stopped.
            boolean signal = lifetime.isClosing();
            lifetime.startingIsOver();
            if (!signal) {
                lifetime.close();
                throw e;
            }
            return 1;
        }
    }

    /** What the command line asks for. */
    record Options(OptionalInt portsFrom, boolean services) {}

    private static void stop(Lifetime lifetime, Screen screen) {
        boolean asked = !lifetime.isClosing();
        if (asked) {
            screen.say("\nstopping ...");
        }
        lifetime.close();
        if (asked) {
            screen.say("stopped.");
        }
    }
}
