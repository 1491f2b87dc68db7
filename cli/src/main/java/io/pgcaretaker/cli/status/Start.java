package io.pgcaretaker.cli.status;

import io.pgcaretaker.cli.up.Up;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ./caretaker start NAME}. */
@Command(name = "start", mixinStandardHelpOptions = true, description = "Starts again what `stop` has stopped.")
public final class Start implements Callable<Integer> {

    @ParentCommand
    private Up.@Nullable HomeSource parent;

    @Parameters(paramLabel = "NAME", description = "monitoring, cleanup, email or postgres")
    private String name = "";

    @Override
    public Integer call() throws InterruptedException {
        if (parent == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        new Wish(parent.home(), name).start();
        return 0;
    }
}
