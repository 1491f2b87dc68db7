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
                    field, "must be given and at most " + LONGEST + " characters, without NUL");
        }
        return value;
    }

    /** PostgreSQL's texts have no NUL. */
    public static boolean isText(String value) {
        return value.indexOf('\0') < 0;
    }
}
