package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Names the first few and sums up the others. Its statement takes two parameters: who was named last time (an array, so
 * that it can prefer them and the set does not flutter), and how many to name. A second statement may take who is named now
 * and add to their rows, and to that of the others, what their parts have; what both count is added up.
 */
final class TopCollector implements Collector {

    private final SqlCollector statement;
    private final Optional<SqlCollector> parts;
    private final String member;
    private final int size;
    private volatile List<String> members = List.of();

    /** @param member the column that says who a row is; {@code 0} or empty for the row of all others */
    TopCollector(SqlCollector statement, Optional<SqlCollector> parts, String member, int size) {
        this.statement = statement;
        this.parts = parts;
        this.member = member;
        this.size = size;
    }

    @Override
    public String name() {
        return statement.name();
    }

    @Override
    public Pace pace() {
        return statement.pace();
    }

    @Override
    public VersionRange versions() {
        return statement.versions();
    }

    @Override
    public String needs() {
        return statement.needs();
    }

    @Override
    public List<Family> families() {
        return statement.families();
    }

    @Override
    public boolean asksForEveryRelation() {
        return parts.isPresent();
    }

    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        Rows rows = statement.run(connection, List.of(array(members), size));
        List<String> named = rows.list().stream()
                .map(row -> row.text(member))
                .filter(name -> !name.isEmpty() && !name.equals("0"))
                .toList();
        if (parts.isPresent()) {
            deadline.renew(connection);
            rows = added(rows, parts.get().run(connection, List.of(array(named))));
        }
        members = named;
        return rows;
    }

    private static String array(List<String> names) {
        return names.stream().collect(Collectors.joining(",", "{", "}"));
    }

    private Rows added(Rows whole, Rows more) {
        Map<String, Row> byMember = new HashMap<>();
        more.forEach(row -> byMember.put(row.text(member), row));
        List<Row> rows = new ArrayList<>();
        for (Row row : whole) {
            Row part = byMember.get(row.text(member));
            rows.add(part == null ? row : sum(row, part));
        }
        return new Rows(rows, whole.bytes() + more.bytes());
    }

    private Row sum(Row whole, Row part) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>(whole.columns());
        part.columns().forEach((column, value) -> {
            if (!column.equals(member)) {
                columns.put(column, whole.has(column) ? whole.number(column) + part.number(column) : value);
            }
        });
        return new Row(columns);
    }
}
