package io.pgcaretaker.monitoring.alert;

import java.util.Locale;

/** Where it begins to be wrong. */
record Threshold(boolean above, double limit) {

    boolean isCrossedBy(double value) {
        return above ? value > limit : value < limit;
    }

    /** Such as {@code above 100}. */
    String words() {
        return (above ? "above " : "below ") + plain(limit);
    }

    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
