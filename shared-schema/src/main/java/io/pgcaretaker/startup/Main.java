package io.pgcaretaker.startup;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts a service; when its configuration is wrong, says so in a line a person can act on. */
@QuarkusMain
public final class Main {

    Main() {}

    public static void main(String... args) {
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
