package io.pgcaretaker.cleanup;

import io.pgcaretaker.problem.ProblemException;

/** {@code ?page=0&size=50}, checked. */
public record Paging(int page, int size) {

    private static final int LARGEST = 500;

    /** Deep pages of a list newest first are a mistake; filter instead. */
    private static final int LAST = 100_000;

    public static Paging of(int page, int size) {
        if (page < 0 || page > LAST) {
            throw ProblemException.badParameter("page", "must be between 0 and " + LAST + ", but is " + page);
        }
        if (size < 1 || size > LARGEST) {
            throw ProblemException.badParameter("size", "must be between 1 and " + LARGEST + ", but is " + size);
        }
        return new Paging(page, size);
    }
}
