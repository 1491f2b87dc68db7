package support;

import java.util.Collection;
import java.util.List;

/** The parts of a benchmark that the command line names. */
public final class Parts {

    private Parts() {}

    /** Ends this JVM with 2 where a part is not known: nothing would be measured, and so nothing short. */
    public static void requireKnown(List<String> named, Collection<String> known) {
        for (String part : named) {
            if (!known.contains(part)) {
                System.err.println("no part " + part + "; there are: " + String.join(" ", known));
                System.exit(2);
            }
        }
    }
}
