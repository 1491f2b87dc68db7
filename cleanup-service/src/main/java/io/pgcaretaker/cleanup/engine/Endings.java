package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunState;
import io.pgcaretaker.cleanup.run.StopReason;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Window;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a run of batches ends, in words for whoever looks at its numbers. */
final class Endings {

    private Endings() {}

    /**
     * Its passes are over.
     *
     * @param left rows that match still; empty: they cannot be counted in time
     * @param open rows that had matched when the run began and have not gone; empty: it is not known
     */
    static End completed(OptionalLong left, OptionalLong open) {
        return new End(RunState.COMPLETED, StopReason.DONE, remark(left, open), null, left.orElse(0), null);
    }

    private static @Nullable String remark(OptionalLong left, OptionalLong open) {
        if (left.isEmpty()) {
            return "rows may have stayed, too many to be counted in time; the next run tries them again";
        }
        if (left.getAsLong() > 0) {
            return left.getAsLong()
                    + " rows stayed: locked by somebody, or kept by a trigger; the next run tries them again";
        }
        return open.orElse(0) > 0
                ? open.getAsLong() + " rows that matched as the run began were not its to delete any more: deleted,"
                        + " changed or held meanwhile by somebody else"
                : null;
    }

    /** As PostgreSQL does it, all of them are in one statement. */
    private static String setNull(ArmedPolicy armed) {
        String children = armed.setNull().stream()
                .map(path -> path.get(path.size() - 1).child().toString())
                .distinct()
                .collect(Collectors.joining(", "));
        return children.isEmpty()
                ? ""
                : "; where very many rows of " + children
                        + " refer to one of these, which is set to null with it, set them to null in parts before";
    }

    /** Not even the smallest window could be looked through in its time: nobody sees from the state alone what helps. */
    static End late(DatabaseFailure failure, ArmedPolicy armed) {
        return End.of(
                RunState.FAILED,
                StopReason.DATABASE_ERROR,
                failure.getMessage() + setNull(armed) + "; where very many rows are as old and stay, an index on ("
                        + String.join(", ", Window.order(armed))
                        + ") of those alone that the filter takes helps, else a longer statement-timeout");
    }
}
