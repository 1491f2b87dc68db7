package io.pgcaretaker.cli.cleanup;

import io.pgcaretaker.cli.up.Up;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A group of commands that ask cleanup-service; by itself it tells how they are used. */
public abstract class CleanupCommand implements Runnable {

    /** What such a command says of itself. */
    public static final String WHOM_IT_ASKS =
            "It asks the cleanup-service that `up` runs here, or that of CLEANUP_URL with the key CARETAKER_API_KEY.";

    private final Map<String, String> environment;

    @ParentCommand
    private Up.@Nullable HomeSource parent;

    @Spec
    private @Nullable CommandSpec spec;

    protected CleanupCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        CommandLine.usage(spec, System.out);
    }

    protected CleanupClient client() {
        return CleanupClient.of(environment, parent);
    }
}
