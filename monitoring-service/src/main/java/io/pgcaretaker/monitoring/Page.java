package io.pgcaretaker.monitoring;

import io.pgcaretaker.problem.ProblemException;
import java.util.List;

/**
 * One page of a list.
 *
 * @param total over all pages
 */
public record Page<T>(List<T> items, int page, int size, long total) {

    private static final int LARGEST = 200;

    public Page {
        items = List.copyOf(items);
    }

    /** Answers 400 when a page that cannot be is asked for. */
    public static void check(int page, int size) {
        if (page < 0 || page > 1_000_000) {
            throw ProblemException.badParameter("page", "must be 0 to 1000000, but is " + page);
        }
        if (size < 1 || size > LARGEST) {
            throw ProblemException.badParameter("size", "must be 1 to " + LARGEST + ", but is " + size);
        }
    }
}
