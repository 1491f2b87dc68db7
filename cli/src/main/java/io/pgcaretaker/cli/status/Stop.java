package io.pgcaretaker.cli.status;

import picocli.CommandLine.Command;

/** {@code ./caretaker stop NAME}. */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stops monitoring, cleanup, email or postgres of the running `up`; the others go on.")
public final class Stop extends PartCommand {

    @Override
    void tell(Wish wish) throws InterruptedException {
        wish.stop();
    }
}
