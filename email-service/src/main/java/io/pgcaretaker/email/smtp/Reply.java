package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.address.SafeText;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private static final Pattern LINE = Pattern.compile(
            "(?<code>[2-5][0-9]{2})[ -](?:(?<status>[245]\\.[0-9]{1,3}\\.[0-9]{1,3})(?= |$))?(?<text>.*)",
            Pattern.DOTALL);
    private static final Pattern ADDRESS_FAULT = Pattern.compile("5\\.1\\.(?![78]$)\\d+");

    /**
     * All lines count: some servers give the reason, or the status, with the first, and with the last where to read more.
     */
    static Reply parse(List<String> lines) {
        String last = lines.get(lines.size() - 1);
        Matcher end = LINE.matcher(last);
        if (!end.matches()) {
            return new Reply(0, null, SafeText.oneLine("no SMTP reply: " + last, LONGEST));
        }
        String code = end.group("code");
        List<Matcher> said =
                lines.stream().map(LINE::matcher).filter(Matcher::matches).toList();
        String enhanced = said.stream()
                .map(line -> line.group("status"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        String text = said.stream().map(line -> line.group("text").strip()).collect(Collectors.joining(" "));
        return new Reply(
                Integer.parseInt(code),
                enhanced,
                SafeText.oneLine(code + (enhanced == null ? "" : " " + enhanced) + " " + text, LONGEST));
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
