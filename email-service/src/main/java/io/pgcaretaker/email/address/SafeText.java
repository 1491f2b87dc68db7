package io.pgcaretaker.email.address;

/** What may stand in a header: nothing that ends it, hides in it or turns it round. */
public final class SafeText {

    private SafeText() {}

    /** True when one line of visible text: no control character, no lone surrogate, no bidirectional override. */
    public static boolean isLine(String text) {
        return text.codePoints().noneMatch(SafeText::isUnsafe);
    }

    /** True when a body: as a line, but line breaks and tabs are welcome. */
    public static boolean isBody(String text) {
        return text.codePoints().noneMatch(c -> c == 0 || isLoneSurrogate(c));
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
