package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.address.SafeText;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which headers a caller may add: none that this service, the relay or the receiver relies on. */
final class HeaderRules {

    private static final int MOST_HEADERS = 50;
    private static final int LONGEST_NAME = 76;
    private static final int LONGEST_VALUE = 998;

    /** RFC 5322, section 2.2: printable ASCII but the colon. */
    private static final Pattern NAME = Pattern.compile("[!-9;-~]{1," + LONGEST_NAME + "}");

    private static final Set<String> DENIED = Set.of(
            "from",
            "to",
            "cc",
            "bcc",
            "sender",
            "reply-to",
            "subject",
            "date",
            "message-id",
            "return-path",
            "received",
            "mime-version",
            "auto-submitted",
            "delivered-to",
            "authentication-results",
            "dkim-signature",
            "domainkey-signature");

    private HeaderRules() {}

    static Map<String, String> read(JsonNode node) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (node.isMissingNode() || node.isNull()) {
            return headers;
        }
        JsonFields.requireObject(node, "headers");
        for (Map.Entry<String, JsonNode> header : node.properties()) {
            headers.put(name(header.getKey()), value(header.getValue()));
        }
        if (headers.size() > MOST_HEADERS) {
            throw RefusedException.invalid("headers", "may hold at most " + MOST_HEADERS);
        }
        return headers;
    }

    private static String name(String name) {
        if (!NAME.matcher(name).matches()) {
            throw RefusedException.invalid(
                    "headers",
                    "must have names of 1 to " + LONGEST_NAME + " printable ASCII characters without a colon");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (DENIED.contains(lower)
                || lower.startsWith("content-")
                || lower.startsWith("dkim-")
                || lower.startsWith("arc-")
                || lower.startsWith("resent-")) {
            throw RefusedException.invalid("headers", "may not set " + lower);
        }
        return name;
    }

    private static String value(JsonNode value) {
        if (!value.isTextual()
                || !SafeText.isLine(value.textValue())
                || value.textValue().length() > LONGEST_VALUE) {
            throw RefusedException.invalid(
                    "headers", "must have values of one line without control characters, at most " + LONGEST_VALUE);
        }
        return value.textValue();
    }
}
