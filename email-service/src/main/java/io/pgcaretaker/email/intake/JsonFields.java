package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.address.SafeText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads fields of a JSON object, strictly: what has the wrong type is refused, null is as absent. */
final class JsonFields {

    private JsonFields() {}

    static @Nullable String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw RefusedException.invalid(field, "must be a string");
        }
        return value.textValue();
    }

    /** One line of visible text. */
    static @Nullable String line(JsonNode object, String field, int longest) {
        String text = text(object, field);
        if (text != null && (!SafeText.isLine(text) || text.length() > longest)) {
            throw RefusedException.invalid(
                    field, "must be one line without control characters, at most " + longest + " characters");
        }
        return text;
    }

    static @Nullable String body(JsonNode object, String field) {
        String text = text(object, field);
        if (text != null && !SafeText.isBody(text)) {
            throw RefusedException.invalid(field, "must hold no NUL and no broken surrogate");
        }
        return text;
    }

    static @Nullable MailAddress address(JsonNode object, String field) {
        String text = text(object, field);
        return text == null ? null : address(text, field);
    }

    /** A string or an array of strings. */
    static List<MailAddress> addresses(JsonNode object, String field) {
        JsonNode value = object.path(field);
        List<MailAddress> addresses = new ArrayList<>();
        if (value.isMissingNode() || value.isNull()) {
            return addresses;
        }
        if (value.isTextual()) {
            addresses.add(address(value.textValue(), field));
            return addresses;
        }
        if (!value.isArray()) {
            throw RefusedException.invalid(field, "must be a string or an array of strings");
        }
        for (JsonNode element : value) {
            if (!element.isTextual()) {
                throw RefusedException.invalid(field, "must be a string or an array of strings");
            }
            addresses.add(address(element.textValue(), field));
        }
        return addresses;
    }

    private static MailAddress address(String text, String field) {
        try {
            return MailAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw RefusedException.invalid(field, MailAddress.RULE);
        }
    }

    static JsonNode arrayOrEmpty(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isArray()) {
            throw RefusedException.invalid(field, "must be an array");
        }
        return value;
    }

    static void requireObject(JsonNode node, String field) {
        if (!node.isObject()) {
            throw RefusedException.invalid(field, "must be an object");
        }
    }
}
