package io.pgcaretaker.startup;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts a service; when its configuration is wrong, says so in a line a person can act on. */
@QuarkusMain
public final class Main {

    /** Its versions and pools, told before the log is configured, would stand before what is wrong. */
    private static final Logger TALKATIVE = Logger.getLogger("org.hibernate");

    Main() {}

    public static void main(String... args) {
        // Figures go into statements, names and addresses: in an Arabic locale they had digits that PostgreSQL does not
        // read.
        Locale.setDefault(Locale.ROOT);
        TALKATIVE.setLevel(Level.WARNING);
        Quarkus.run(
                null,
                (exitCode, failure) -> {
                    if (failure != null) {
                        StartupFailure.explain(failure).forEach(System.err::println);
                    }
                    System.exit(exitCode);
                },
                args);
    }
}
