package io.pgcaretaker.cleanup.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a run's row keeps as JSON: its cursor and its counts. */
public final class RunJson {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<String, Long>> COUNTS = new TypeReference<>() {};

    private RunJson() {}

    static @Nullable Cursor cursor(@Nullable String json) {
        if (json == null) {
            return null;
        }
        try {
            JsonNode tree = JSON.readTree(json);
            Class<? extends Cursor> kind = tree.has("next") ? Cursor.Block.class : Cursor.Row.class;
            return JSON.treeToValue(tree, kind);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored cursor cannot be read", e);
        }
    }

    /** Empty for the beginning. */
    static String write(@Nullable Cursor cursor) {
        return cursor == null ? "" : json(cursor);
    }

    /** Rows by table, names sorted. */
    public static SortedMap<String, Long> counts(String json) {
        try {
            return JSON.readValue(json, COUNTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored counts cannot be read", e);
        }
    }

    public static SortedMap<String, Long> sorted(Map<String, Long> counts) {
        return new TreeMap<>(counts);
    }

    public static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON", e);
        }
    }
}
