package io.pgcaretaker.email.address;

import java.util.function.IntPredicate;

/** What may stand in a header: nothing that ends it, hides in it or turns it round. */
public final class SafeText {

    private SafeText() {}

    /** True when one line of visible text: no control character, no lone surrogate, no bidirectional override. */
    public static boolean isLine(String text) {
        return !holds(text, SafeText::isUnsafe);
    }

    /** True when a body: as a line, but line breaks and tabs are welcome. */
    public static boolean isBody(String text) {
        return !holds(text, c -> c == 0 || isLoneSurrogate(c));
    }

    /** A loop: every character of every body passes here, and a stream of them costs ten times as much. */
    private static boolean holds(String text, IntPredicate unwanted) {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (unwanted.test(c)) {
                return true;
            }
            i += Character.charCount(c);
        }
        return false;
    }

    /** Control and direction characters become blanks, and what is too long is cut: for words of others. */
    public static String oneLine(String text, int longest) {
        StringBuilder line = new StringBuilder();
        text.codePoints().limit(longest).map(c -> isUnsafe(c) ? ' ' : c).forEach(line::appendCodePoint);
        return line.toString().strip();
    }

    private static boolean isUnsafe(int c) {
        return Character.isISOControl(c) || isLineSeparator(c) || isDirectionControl(c) || isLoneSurrogate(c);
    }

    private static boolean isLineSeparator(int c) {
        return c == 0x2028 || c == 0x2029 || c == 0x85;
    }

    /** Embeddings, overrides and isolates: they make a name read as another. */
    private static boolean isDirectionControl(int c) {
        return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    }

    private static boolean isLoneSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
