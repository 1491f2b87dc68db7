package cleanup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One contender's run: rows of the table that went, its longest transaction, and when it was, in epoch milliseconds. */
record Result(long rows, double seconds, double longestMillis, long begin, long end) {
    double rate() {
        return rows / seconds;
    }

    /** The middle one; its longest transaction is that of all. */
    static Result median(List<Result> results) {
        List<Result> all = new ArrayList<>(results);
        all.sort(Comparator.comparingDouble(Result::rate));
        double longest = all.stream().mapToDouble(Result::longestMillis).max().orElseThrow();
        Result middle = all.get(all.size() / 2);
        return new Result(middle.rows(), middle.seconds(), longest, middle.begin(), middle.end());
    }
}
