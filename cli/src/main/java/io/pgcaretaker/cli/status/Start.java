package io.pgcaretaker.cli.status;

import picocli.CommandLine.Command;

/** {@code ./caretaker start NAME}. */
@Command(name = "start", mixinStandardHelpOptions = true, description = "Starts again what `stop` has stopped.")
public final class Start extends PartCommand {

    @Override
    void tell(Wish wish) throws InterruptedException {
        wish.start();
    }
}
