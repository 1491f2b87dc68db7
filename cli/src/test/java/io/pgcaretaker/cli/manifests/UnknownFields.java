package io.pgcaretaker.cli.manifests;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Walks a model of Kubernetes and finds what its classes do not know; kubectl lets such typing errors through. */
final class UnknownFields {

    private UnknownFields() {}

    static void collect(Object value, String path, List<String> unknown) throws ReflectiveOperationException {
        if (value instanceof Collection<?> items) {
            int i = 0;
            for (Object item : items) {
                collect(item, path + "[" + i++ + "]", unknown);
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                collect(entry.getValue(), path + "." + entry.getKey(), unknown);
            }
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
            fields(value, path, unknown);
        }
    }

    private static void fields(Object bean, String path, List<String> unknown) throws ReflectiveOperationException {
        for (Field field : bean.getClass().getDeclaredFields()) {
            if (field.getName().equals("additionalProperties")) {
                field.setAccessible(true);
                ((Map<?, ?>) field.get(bean)).keySet().forEach(name -> unknown.add(path + "." + name));
            } else if (field.isAnnotationPresent(JsonProperty.class)) {
                field.setAccessible(true);
                collect(
                        field.get(bean),
                        path + "." + field.getAnnotation(JsonProperty.class).value(),
                        unknown);
            }
        }
    }
}
