package io.pgcaretaker.startup;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Starts a service; when its configuration is wrong, says so in a line a person can act on. */
@QuarkusMain
public final class Main {

    Main() {}

    public static void main(String... args) {
        Quarkus.run(
                null,
                (exitCode, failure) -> {
                    if (failure != null) {
                        // What the libraries have said so far waits for a log that is never made, and would come after
                        // it.
                        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {new Silence()});
                        StartupFailure.explain(failure).forEach(System.err::println);
                    }
                    System.exit(exitCode);
                },
                args);
    }

    private static final class Silence extends Handler {
        @Override
        public void publish(LogRecord message) {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
