package io.pgcaretaker.cli.status;

import io.pgcaretaker.cli.up.Up;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** A command to one part of the running `up`. */
abstract class PartCommand implements Callable<Integer> {

    @ParentCommand
    private Up.@Nullable HomeSource parent;

    @Parameters(paramLabel = "NAME", description = "monitoring, cleanup, email or postgres")
    private String name = "";

    @Override
    public Integer call() throws InterruptedException {
        if (parent == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        tell(new Wish(parent.home(), name));
        return 0;
    }

    abstract void tell(Wish wish) throws InterruptedException;
}
