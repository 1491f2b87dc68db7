package io.pgcaretaker.email.template;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.email.address.WebOrigin;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a template's record from loose variables: nothing missing, nothing of the wrong type, no link to elsewhere. What it
 * does not know it ignores, so that a newer neighbour can say more.
 */
final class Variables {

    /** Rendered, escaped, stored and encoded they are in memory many times over, and the heap is small. */
    private static final int MOST_CHARACTERS = 524_288;

    private final ObjectMapper json;
    private final Optional<WebOrigin> application;

    /** Without an application's origin, links may lead to any http or https address. */
    Variables(ObjectMapper json, Optional<WebOrigin> application) {
        this.json = json.copy()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
        this.application = application;
    }

    <T> T read(Map<String, Object> variables, Class<T> type) {
        requireSmall(variables);
        requireComplete("", variables, type);
        variables.forEach(this::requireOwnLink);
        try {
            return json.convertValue(visible(variables), type);
        } catch (IllegalArgumentException e) {
            throw new WrongVariablesException(path(e), "has the wrong type");
        }
    }

    private static String path(IllegalArgumentException failure) {
        if (!(failure.getCause() instanceof JsonMappingException mapping)) {
            return "variables";
        }
        return mapping.getPath().stream()
                .map(step -> step.getFieldName() == null ? String.valueOf(step.getIndex()) : step.getFieldName())
                .map(step -> SafeText.oneLine(step, 60))
                .collect(Collectors.joining("."));
    }

    private static void requireSmall(Map<String, Object> variables) {
        long characters = 0;
        for (Map.Entry<String, Object> variable : variables.entrySet()) {
            characters += characters(variable.getValue());
            if (characters > MOST_CHARACTERS) {
                throw new WrongVariablesException(
                        variable.getKey(), "makes the variables longer than " + MOST_CHARACTERS + " characters");
            }
        }
    }

    private static long characters(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .mapToLong(entry -> characters(entry.getKey()) + characters(entry.getValue()))
                    .sum();
        }
        if (value instanceof List<?> list) {
            return list.stream().mapToLong(Variables::characters).sum();
        }
        return value instanceof String text ? text.length() : 1;
    }

    /** In what the record holds too: a record inside it, or each of a list. */
    private static void requireComplete(String path, Map<?, ?> variables, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = path + component.getName();
            Object value = variables.get(component.getName());
            if (value == null && !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                throw new WrongVariablesException(name, "is missing");
            }
            requireCompleteInside(name + ".", value, component.getGenericType());
        }
    }

    /** What is of another type than it should be is left to the conversion, which says so. */
    private static void requireCompleteInside(String path, @Nullable Object value, Type type) {
        if (value instanceof Map<?, ?> map && type instanceof Class<?> held && held.isRecord()) {
            requireComplete(path, map, held);
        }
        if (value instanceof List<?> list && type instanceof ParameterizedType typed) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) == null) {
                    throw new WrongVariablesException(path + i, "is missing");
                }
                requireCompleteInside(path + i + ".", list.get(i), typed.getActualTypeArguments()[0]);
            }
        }
    }

    private void requireOwnLink(String name, Object value) {
        if (!name.endsWith("Url")) {
            return;
        }
        Optional<WebOrigin> origin = WebOrigin.of(String.valueOf(value));
        if (origin.isEmpty()) {
            throw new WrongVariablesException(name, "must be an http or https address");
        }
        if (application.isPresent() && !application.equals(origin)) {
            throw new WrongVariablesException(name, "must lead to the application at APP_URL");
        }
    }

    /** Others' words, some of them an attacker's: without control and direction characters. */
    private static @Nullable Object visible(@Nullable Object value) {
        if (value instanceof String text) {
            return text.lines().map(line -> SafeText.oneLine(line, 10_000)).collect(Collectors.joining("\n"));
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, element) -> copy.put(key, visible(element)));
            return copy;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Variables::visible).toList();
        }
        return value;
    }
}
