package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A collector that is one SQL file.
 *
 * @param onlyIf a cheap statement; where it returns no row there is nothing to see, and the other is not even planned
 */
record SqlCollector(
        String name,
        Pace pace,
        VersionRange versions,
        String needs,
        List<Family> families,
        Optional<String> onlyIf,
        String sql,
        List<Object> parameters)
        implements Collector {

    static SqlCollector of(SqlFile file, Object... parameters) {
        return new SqlCollector(
                file.required("collector"),
                Pace.valueOf(file.required("pace").toUpperCase(Locale.ROOT)),
                file.versions(),
                file.optional("needs").orElse("the grant pg_monitor"),
                families(file),
                file.optional("only-if").map(probe -> file.tag() + ' ' + probe),
                file.sql(),
                List.of(parameters));
    }

    private static List<Family> families(SqlFile file) {
        List<Family> families = new ArrayList<>();
        for (Family.Type type : Family.Type.values()) {
            for (String line : file.all(type.wireName())) {
                families.add(family(file, type, line));
            }
        }
        // The rows carry the metric's name and help themselves.
        file.optional("named")
                .ifPresent(type -> families.add(new Family(
                        Family.BY_ROW, Family.Type.valueOf(type.toUpperCase(Locale.ROOT)), "", "value", List.of())));
        return families;
    }

    /** {@code column Help text}: its name is the file's prefix and the column; or {@code column=name Help text}. */
    private static Family family(SqlFile file, Family.Type type, String line) {
        String[] parts = line.split(" ", 2);
        String[] ends = parts[0].split("=", 2);
        String labels = file.optional("labels").orElse("");
        return new Family(
                ends.length == 2 ? ends[1] : file.required("prefix") + ends[0],
                type,
                parts.length == 2 ? parts[1] : parts[0],
                ends[0],
                Arrays.stream(labels.split(",", -1))
                        .map(String::strip)
                        .filter(label -> !label.isEmpty())
                        .toList());
    }

    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        return run(connection, parameters);
    }

    Rows run(Connection connection, List<Object> given) throws SQLException {
        if (onlyIf.isPresent() && !finds(connection, onlyIf.get())) {
            return Rows.NONE;
        }
        // The deadline is the transaction's statement_timeout, set by the lane.
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < given.size(); i++) {
                statement.setObject(i + 1, given.get(i));
            }
            return Rows.read(statement);
        }
    }

    private static boolean finds(Connection connection, String probe) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(probe);
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }
}
