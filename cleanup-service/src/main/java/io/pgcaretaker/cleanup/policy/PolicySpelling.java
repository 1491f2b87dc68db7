package io.pgcaretaker.cleanup.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.PropertyBindingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What YAML allows and would be read as something else than it looks like, and what is wrong, in an operator's words. */
final class PolicySpelling {

    private static final Set<String> MAY_BE_NULL = Set.of("is", "to", "with", "value");

    private PolicySpelling() {}

    /**
     * Refuses aliases, which would be taken as the text of their name, and values to be compared with a column, or written
     * to it, that YAML takes for another number or word: 010 is 8, 1.10 is 1.1, no is false; limits of 010 rows, too. And a
     * name without a value, such as a template leaves that was given none: without its filter, mode or action more would go.
     */
    static void check(YAMLMapper mapper, String yaml) throws IOException {
        try (JsonParser parser = mapper.getFactory().createParser(yaml)) {
            while (parser.nextToken() != null) {
                if (parser instanceof YAMLParser scalars && scalars.isCurrentAlias()) {
                    throw new IllegalArgumentException(
                            "'*" + parser.getText() + "' is an alias; write what it stands for" + line(parser));
                }
                if (parser.currentToken() == JsonToken.VALUE_NULL && !mayBeNull(parser)) {
                    throw new IllegalArgumentException(
                            parser.currentName() + " has no value; write one, or leave the line out" + line(parser));
                }
                String taken = taken(parser);
                if (taken != null
                        && (isValue(parser.getParsingContext()) || parser.currentToken() == JsonToken.VALUE_NUMBER_INT)
                        && !taken.equals(parser.getText())) {
                    throw new IllegalArgumentException("the value " + parser.getText() + " would be taken as " + taken
                            + "; write it in quotes, or as " + taken + line(parser));
                }
            }
        }
    }

    private static String line(JsonParser parser) {
        return " (line " + parser.currentTokenLocation().getLineNr() + ")";
    }

    /** Where null is a value itself, and written; an item of a list, and all policies, are told of in their own words. */
    private static boolean mayBeNull(JsonParser parser) throws IOException {
        String name = String.valueOf(parser.currentName());
        return !parser.getParsingContext().inObject()
                || name.equals("policies")
                || (MAY_BE_NULL.contains(name) && !parser.getText().isEmpty());
    }

    private static boolean isValue(JsonStreamContext at) {
        return at.inArray() ? "in".equals(at.getParent().getCurrentName()) : "value".equals(at.getCurrentName());
    }

    private static @Nullable String taken(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token.isBoolean()) {
            return token.asString();
        }
        return token.isNumeric() ? parser.getNumberValue().toString() : null;
    }

    /** Where it is and what it must be. */
    static String describe(MismatchedInputException e) {
        String place = e.getPath().stream().map(PolicySpelling::step).collect(Collectors.joining());
        if (place.isEmpty()) {
            return "must be one document with a list of policies below the word policies:";
        }
        if (e instanceof PropertyBindingException unknown) {
            Collection<Object> known = unknown.getKnownPropertyIds();
            return place.substring(1) + " is not known; known are "
                    + known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
        }
        return place.substring(1) + " must be " + kind(e.getTargetType());
    }

    private static String step(JsonMappingException.Reference reference) {
        return reference.getFieldName() == null
                ? "[" + (reference.getIndex() + 1) + "]"
                : "." + reference.getFieldName();
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null || type == String.class) {
            return "a text";
        } else if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant ->
                                    constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .collect(Collectors.joining(", "));
        } else if (type == Boolean.class) {
            return "true or false";
        } else if (type == Long.class) {
            return "a whole number";
        } else if (type == Double.class) {
            return "a number";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "a group of fields";
    }
}
