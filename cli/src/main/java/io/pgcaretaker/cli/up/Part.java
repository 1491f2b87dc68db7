package io.pgcaretaker.cli.up;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Something that `up` keeps running. */
interface Part {

    /** As `./caretaker stop NAME` takes it. */
    String name();

    boolean isAlive();

    OptionalLong pid();

    /** Returns once it is launched; it need not be ready. */
    void start();

    /** Asks it to end in order, and returns at once. */
    void requestStop();

    void kill();

    /** A person asked for it to be stopped for a while. */
    boolean isHeld();

    Path log();
}
