package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.address.SafeText;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's answer.
 *
 * @param code 0 when it was no SMTP reply at all
 * @param enhanced RFC 3463's status such as {@code 5.1.1}, absent when the server gives none
 * @param text without control characters, at most 500 characters
 */
public record Reply(int code, @Nullable String enhanced, String text) {

    private static final int LONGEST = 500;
    private static final Pattern LINE = Pattern.compile("(?<code>[2-5][0-9]{2})[ -](?<text>.*)", Pattern.DOTALL);
    private static final Pattern ADDRESS_FAULT = Pattern.compile("5\\.1\\.(?![78]$)\\d+");
    private static final Pattern ENHANCED =
            Pattern.compile("(?<status>[245]\\.[0-9]{1,3}\\.[0-9]{1,3})(?: .*)?", Pattern.DOTALL);

    static Reply parse(String line) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            return new Reply(0, null, SafeText.oneLine("no SMTP reply: " + line, LONGEST));
        }
        Matcher enhanced = ENHANCED.matcher(parts.group("text"));
        return new Reply(
                Integer.parseInt(parts.group("code")),
                enhanced.matches() ? enhanced.group("status") : null,
                SafeText.oneLine(line, LONGEST));
    }

    boolean isRefusal() {
        return code >= 400 || code == 0;
    }

    /** Of the recipient: 5.1.7 and 5.1.8 are about the sender's address (RFC 3463), and come at RCPT too. */
    boolean isAddressFault() {
        return isAddressFault(enhanced);
    }

    /** The same of a status alone. */
    public static boolean isAddressFault(@Nullable String enhanced) {
        return enhanced != null && ADDRESS_FAULT.matcher(enhanced).matches();
    }
}
