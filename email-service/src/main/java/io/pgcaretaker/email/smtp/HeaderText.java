package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.address.MailAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Header values as RFC 5322 and 2047 want them; the mail client's own encoding breaks emoji and names. */
final class HeaderText {

    /** With =?UTF-8?B? and ?= an encoded word of 45 bytes stays under 75 characters. */
    private static final int WORD_BYTES = 45;

    private static final String FOLD = "\r\n ";

    /** Fits into a line of 76 characters beside the longest name of ours. */
    private static final int SHORT = 56;

    private static final int LONGEST_PART = 700;

    private static final Pattern ATOM_PHRASE = Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*");

    private HeaderText() {}

    /** Free text such as a subject. */
    static String text(String text) {
        if (isPrintable(text) && !text.contains("=?")) {
            return fold(text);
        }
        return words(text).stream()
                .map(word ->
                        "=?UTF-8?B?" + Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)) + "?=")
                .collect(Collectors.joining(FOLD));
    }

    static String addresses(List<MailAddress> addresses) {
        return addresses.stream().map(HeaderText::address).collect(Collectors.joining("," + FOLD));
    }

    static String address(MailAddress address) {
        if (address.name().isEmpty()) {
            return address.address();
        }
        return phrase(address.name()) + " <" + address.address() + ">";
    }

    /** A parameter of Content-Type or Content-Disposition, for old and new readers. */
    static String parameter(String name, String value) {
        if (isPrintable(value)) {
            return "; " + name + "=\"" + value.replaceAll("([\"\\\\])", "\\\\$1") + "\"";
        }
        List<String> parts = percentEncoded(value);
        if (parts.size() == 1) {
            return "; " + name + "*=UTF-8''" + parts.get(0);
        }
        StringBuilder continued = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            continued
                    .append(";")
                    .append(FOLD)
                    .append(name)
                    .append("*" + i + "*=")
                    .append(i == 0 ? "UTF-8''" : "")
                    .append(parts.get(i));
        }
        return continued.toString();
    }

    /** In parts that each fit into a line of RFC 5322's 998 (RFC 2231, section 3); old readers know one alone. */
    private static List<String> percentEncoded(String value) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (part.length() > LONGEST_PART) {
                parts.add(part.toString());
                part.setLength(0);
            }
            if (c < 128 && Character.isLetterOrDigit(c)) {
                part.append(c);
            } else {
                part.append('%').append(String.format("%02X", (int) c));
            }
        }
        parts.add(part.toString());
        return parts;
    }

    private static String phrase(String name) {
        if (ATOM_PHRASE.matcher(name).matches() && !name.contains("=?")) {
            return name;
        }
        return isPrintable(name) && !name.contains("=?")
                ? "\"" + name.replaceAll("([\"\\\\])", "\\\\$1") + "\""
                : text(name);
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /** Whole characters in words of at most {@link #WORD_BYTES}. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        int bytes = 0;
        for (int c : text.codePoints().toArray()) {
            int more = Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
            if (bytes + more > WORD_BYTES) {
                words.add(word.toString());
                word.setLength(0);
                bytes = 0;
            }
            word.appendCodePoint(c);
            bytes += more;
        }
        words.add(word.toString());
        return words;
    }

    /** Breaks long printable text at blanks; what has none stays whole, up to RFC 5322's 998. */
    private static String fold(String text) {
        if (text.length() <= SHORT) {
            return text;
        }
        StringBuilder folded = new StringBuilder();
        int column = 20;
        for (String word : text.split("(?= )", -1)) {
            if (column + word.length() > 76 && word.startsWith(" ") && word.length() > 1) {
                folded.append("\r\n");
                column = 0;
            }
            folded.append(word);
            column += word.length();
        }
        return folded.toString();
    }
}
