package io.pgcaretaker.monitoring.collect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A statement and what it says of itself: lines {@code -- key: value} at the top, then the SQL.
 *
 * @param path where it lies on the class path
 */
public record SqlFile(String path, Map<String, List<String>> headers, String sql) {

    private static final String HEADER = "-- ";

    /** The files that {@code <folder>/index} names, in its order. */
    public static List<SqlFile> folder(String folder) {
        return text(folder + "/index")
                .lines()
                .filter(line -> !line.isBlank())
                .map(name -> read(folder + "/" + name))
                .toList();
    }

    public static SqlFile read(String path) {
        return parse(path, text(path));
    }

    static SqlFile parse(String path, String text) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        List<String> lines = text.lines().toList();
        int i = 0;
        while (i < lines.size() && lines.get(i).startsWith(HEADER)) {
            String[] parts = lines.get(i).substring(HEADER.length()).split(":", 2);
            if (parts.length != 2) {
                throw new IllegalArgumentException(path + " line " + (i + 1) + " must be -- key: value");
            }
            headers.computeIfAbsent(parts[0].strip(), key -> new ArrayList<>()).add(parts[1].strip());
            i++;
        }
        String sql = String.join("\n", lines.subList(i, lines.size())).strip();
        if (!sql.startsWith("/* caretaker.")) {
            throw new IllegalArgumentException(path + ": the statement must begin with its tag /* caretaker.… */");
        }
        return new SqlFile(path, headers, sql);
    }

    /** The comment it begins with, by which an operator recognises it in {@code pg_stat_activity}. */
    String tag() {
        return sql.substring(0, sql.indexOf("*/") + 2);
    }

    public String required(String key) {
        return optional(key).orElseThrow(() -> new IllegalArgumentException(path + " lacks the header " + key));
    }

    public Optional<String> optional(String key) {
        return all(key).stream().findFirst();
    }

    public List<String> all(String key) {
        return headers.getOrDefault(key, List.of());
    }

    /** {@code 130000-}, {@code 130000-169999}; all versions when the header is not there. */
    public VersionRange versions() {
        return optional("versions").map(VersionRange::parse).orElse(VersionRange.ALL);
    }

    private static String text(String path) {
        try (InputStream in = SqlFile.class.getResourceAsStream("/" + path)) {
            if (in == null) {
                throw new IllegalArgumentException(path + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
