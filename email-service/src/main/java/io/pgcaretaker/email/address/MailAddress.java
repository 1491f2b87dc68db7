package io.pgcaretaker.email.address;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code local@domain} or {@code Name <local@domain>}, strictly: what cannot stand in an SMTP command is refused here.
 *
 * @param name the display name, empty when there is none
 * @param address ASCII only; an international domain is turned into its {@code xn--} form
 */
public record MailAddress(String name, String address) {

    public static final String RULE = "must be an address such as a@example.com or Name <a@example.com>";

    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_LABEL = 63;
    private static final Pattern NAMED = Pattern.compile("\\s*(?<name>[^<>]*?)\\s*<(?<address>[^<>\\s]+)>\\s*");
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern LOCAL =
            Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");
    private static final Pattern DOMAIN =
            Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*");

    /**
     * Reads one address.
     *
     * @throws IllegalArgumentException with the rule, without the text
     */
    public static MailAddress parse(String text) {
        if (!SafeText.isLine(text) || text.length() > 600) {
            throw new IllegalArgumentException(RULE);
        }
        Matcher named = NAMED.matcher(text);
        return named.matches()
                ? new MailAddress(unquoted(named.group("name")), bare(named.group("address")))
                : new MailAddress("", bare(text.strip()));
    }

    private static String unquoted(String name) {
        Matcher quoted = QUOTED.matcher(name);
        String plain = quoted.matches() ? quoted.group(1).replaceAll("\\\\(.)", "$1") : name;
        if (plain.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(RULE);
        }
        return plain;
    }

    private static String bare(String text) {
        int at = text.lastIndexOf('@');
        if (at < 1 || at > 64 || !LOCAL.matcher(text.substring(0, at)).matches()) {
            throw new IllegalArgumentException(RULE);
        }
        return text.substring(0, at) + "@" + asciiDomain(text.substring(at + 1));
    }

    private static String asciiDomain(String domain) {
        // All of it fits into one label, so that no label of it can be too long: nothing is left for IDN to say.
        if (domain.length() <= LONGEST_LABEL && DOMAIN.matcher(domain).matches()) {
            return domain;
        }
        String ascii;
        try {
            ascii = IDN.toASCII(domain, IDN.USE_STD3_ASCII_RULES);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(RULE, e);
        }
        if (ascii.length() > 253 || !DOMAIN.matcher(ascii).matches()) {
            throw new IllegalArgumentException(RULE);
        }
        return ascii;
    }

    public String domain() {
        return address.substring(address.lastIndexOf('@') + 1);
    }

    /** The form under which an address is suppressed. */
    public static String normalised(String address) {
        return address.toLowerCase(Locale.ROOT);
    }

    /** As it was given; for people and JSON, not for a header. */
    public String display() {
        return name.isEmpty() ? address : name + " <" + address + ">";
    }

    /** Personal, so not in logs. */
    @Override
    public String toString() {
        return "MailAddress[***@" + domain() + "]";
    }
}
