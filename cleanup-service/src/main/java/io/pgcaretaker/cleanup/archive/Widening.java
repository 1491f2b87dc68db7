package io.pgcaretaker.cleanup.archive;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a column that was made wider still reads each value that it had, and as the same value. */
final class Widening {

    /** Each takes what those before it hold. */
    private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint", "numeric");

    private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");
    private static final Pattern TEXT = Pattern.compile("text|character varying(?:\\((\\d+)\\))?");
    private static final String ARRAY = "[]";

    private Widening() {}

    /** Types as PostgreSQL writes them. */
    static boolean reads(String was, String now) {
        if (was.endsWith(ARRAY) && now.endsWith(ARRAY)) {
            return reads(element(was), element(now));
        }
        int integer = INTEGERS.indexOf(was);
        return was.equals(now)
                || (integer >= 0 && INTEGERS.indexOf(now) > integer)
                || isLongerNumber(NUMERIC.matcher(was), now)
                || isLongerText(TEXT.matcher(was), TEXT.matcher(now));
    }

    private static String element(String type) {
        return type.substring(0, type.length() - ARRAY.length());
    }

    /** At least as many digits before the point, and behind it. */
    private static boolean isLongerNumber(Matcher was, String now) {
        if (!was.matches()) {
            return false;
        }
        Matcher there = NUMERIC.matcher(now);
        if (!there.matches()) {
            return now.equals("numeric");
        }
        int scale = Integer.parseInt(was.group(2));
        int scaleThere = Integer.parseInt(there.group(2));
        return scaleThere >= scale
                && Integer.parseInt(there.group(1)) - scaleThere >= Integer.parseInt(was.group(1)) - scale;
    }

    private static boolean isLongerText(Matcher was, Matcher now) {
        return was.matches() && now.matches() && length(now) >= length(was);
    }

    private static int length(Matcher text) {
        return text.group(1) == null ? Integer.MAX_VALUE : Integer.parseInt(text.group(1));
    }
}
