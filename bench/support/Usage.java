package support;

import java.util.List;
import java.util.stream.Stream;

/**
 * How a benchmark is called. What is not known ends this JVM with 2 before anything begins: nothing would be measured, and so
 * nothing short; or everything, for hours.
 *
 * @param options such as {@code --quick} and {@code --kills=N}
 * @param parts that it can be told to do alone, such as {@code growth} and {@code tables=SIZES}
 */
public record Usage(String name, List<String> options, List<String> parts) {

    public void check(String... arguments) {
        for (String argument : arguments) {
            if (argument.equals("--help")) {
                System.out.println(line());
                System.exit(0);
            }
            if (Stream.concat(options.stream(), parts.stream()).noneMatch(known -> is(argument, known))) {
                System.err.println("bench/run: no " + (argument.startsWith("--") ? "option " : "part ") + argument);
                System.err.println(line());
                System.exit(2);
            }
        }
    }

    private static boolean is(String argument, String known) {
        int value = known.indexOf('=') + 1;
        return value == 0
                ? argument.equals(known)
                : argument.startsWith(known.substring(0, value)) && argument.length() > value;
    }

    private String line() {
        String called = "Usage: bench/run " + name + " [" + String.join("] [", options) + "]";
        return parts.isEmpty() ? called : called + " [PART...]; parts: " + String.join(" ", parts);
    }
}
