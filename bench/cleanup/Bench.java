package cleanup;

import support.Report;

/**
 * What each part of the benchmark works with.
 *
 * @param quick fewer rows, and one turn
 */
public record Bench(boolean quick, Databases databases, MeasuredService service, Report report) {

    /** Contenders take turns: what else the machine does changes from one minute to the next. */
    int turns() {
        return quick ? 1 : 3;
    }
}
