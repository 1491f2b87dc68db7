package io.pgcaretaker.cleanup;

import io.pgcaretaker.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/** A text that somebody gives and that is kept: there, not too long, and one that PostgreSQL can keep. */
public final class GivenText {

    private static final int LONGEST = 500;

    private GivenText() {}

    public static String checked(String field, @Nullable String value) {
        if (value == null || value.isBlank() || value.length() > LONGEST || !isText(value)) {
            throw ProblemException.invalidField(
                    field, "must be given and at most " + LONGEST + " characters, without NUL or half a character");
        }
        return value;
    }

    /** PostgreSQL's texts have no NUL, and half of a surrogate pair is sent to it as a question mark: another text. */
    public static boolean isText(String value) {
        return value.codePoints()
                .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    }
}
