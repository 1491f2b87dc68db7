package io.pgcaretaker.cli.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A child that ends when this program says so: a Ctrl-C in the terminal and its closing reach every process of the
 * group at once, and PostgreSQL would go before those that use it. A signal ignored at exec stays ignored, and a JVM
 * respects that; SIGTERM still works.
 */
public final class Apart {

    private Apart() {}

    public static Process start(List<String> command, Path directory, Map<String, String> environment, Path log)
            throws IOException {
        List<String> wrapped = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "caretaker"));
        wrapped.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(wrapped)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }
}
