package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The same request in the same bytes: keys in order, nulls left out, {@code to: "a"} as {@code to: ["a"]}. */
final class CanonicalJson {

    private static final Set<String> LISTS = Set.of("to", "cc", "bcc", "reply_to");

    private CanonicalJson() {}

    static byte[] of(JsonNode node) {
        StringBuilder text = new StringBuilder();
        write(node, text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            Map<String, JsonNode> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
            text.append('{');
            fields.forEach((name, value) -> writeField(name, value, text));
            text.append('}');
        } else if (node.isArray()) {
            text.append('[');
            for (JsonNode element : node) {
                write(element, text);
                text.append(',');
            }
            text.append(']');
        } else {
            text.append(node);
        }
    }

    private static void writeField(String name, JsonNode value, StringBuilder text) {
        if (value.isNull()) {
            return;
        }
        text.append(com.fasterxml.jackson.databind.node.TextNode.valueOf(name)).append(':');
        if (LISTS.contains(name) && value.isTextual()) {
            text.append('[');
            write(value, text);
            text.append(",]");
        } else {
            write(value, text);
        }
        text.append(',');
    }
}
