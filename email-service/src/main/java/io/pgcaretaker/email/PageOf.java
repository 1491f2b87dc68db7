package io.pgcaretaker.email;

import io.pgcaretaker.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param index of the page, from 0
 * @param size of each page
 */
public record PageOf(int index, int size) {

    private static final int USUAL = 50;
    private static final int MOST = 200;

    /** Refuses what is no page, and one so far behind that its first row cannot be numbered. */
    public static PageOf asked(@Nullable Integer page, @Nullable Integer size) {
        PageOf asked = new PageOf(page == null ? 0 : page, size == null ? USUAL : size);
        if (asked.size < 1 || asked.size > MOST) {
            throw ProblemException.badParameter("size", "must be between 1 and " + MOST);
        }
        int last = Integer.MAX_VALUE / asked.size - 1;
        if (asked.index < 0 || asked.index > last) {
            throw ProblemException.badParameter("page", "must be between 0 and " + last);
        }
        return asked;
    }
}
