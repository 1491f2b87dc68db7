package io.pgcaretaker.cli.status;

import io.pgcaretaker.cli.up.Up;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ./caretaker stop NAME}. */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stops monitoring, cleanup, email or postgres of the running `up`; the others go on.")
public final class Stop implements Callable<Integer> {

    @ParentCommand
    private Up.@Nullable HomeSource parent;

    @Parameters(paramLabel = "NAME", description = "monitoring, cleanup, email or postgres")
    private String name = "";

    @Override
    public Integer call() throws InterruptedException {
        if (parent == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        new Wish(parent.home(), name).stop();
        return 0;
    }
}
