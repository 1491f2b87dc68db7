package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a YAML file of the operator's: line, field and what belongs there, in words of the file. */
public final class YamlFault {

    private static final Map<Class<?>, String> KINDS =
            Map.of(String.class, "a text", Double.class, "a number", Integer.class, "a whole number");

    private YamlFault() {}

    /** Such as {@code line 4: rules[0] has no field expr; its fields are above, advice, …}. */
    public static String words(JsonProcessingException e) {
        String line = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
        return line + what(e);
    }

    private static String what(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            return unknown(unknown);
        }
        if (e.getOriginalMessage().startsWith("Trailing token")) {
            return "the file must be one document";
        }
        if (e instanceof MismatchedInputException mismatch) {
            return place(mismatch.getPath()) + " must be " + kind(mismatch.getTargetType());
        }
        if (e instanceof JsonMappingException wrong) {
            String why = e.getCause() instanceof JsonProcessingException cause ? what(cause) : "cannot be read";
            return place(wrong.getPath()) + ": " + why;
        }
        // The parser's own words, of which every second line repeats the file.
        return e.getOriginalMessage()
                .lines()
                .filter(line -> !line.startsWith(" "))
                .collect(Collectors.joining(", "));
    }

    private static String unknown(UnrecognizedPropertyException e) {
        List<JsonMappingException.Reference> path = e.getPath();
        String known = new TreeSet<>(e.getKnownPropertyIds())
                .stream().map(String::valueOf).collect(Collectors.joining(", "));
        return place(path.subList(0, path.size() - 1)) + " has no field " + e.getPropertyName() + "; its fields are "
                + known;
    }

    /** Such as {@code rules[0].labels}. */
    private static String place(List<JsonMappingException.Reference> path) {
        String place = path.stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining());
        return place.isEmpty() ? "the file" : place.replaceFirst("^\\.", "");
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null) {
            return "something else";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return Map.class.isAssignableFrom(type) ? "a map of texts" : KINDS.getOrDefault(type, "a map of fields");
    }
}
