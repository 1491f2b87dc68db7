package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Names the first few and sums up the others. Its statement takes two parameters: who was named last time (an array, so
 * that it can prefer them and the set does not flutter), and how many to name.
 */
final class TopCollector implements Collector {

    private final SqlCollector statement;
    private final String member;
    private final int size;
    private volatile List<String> members = List.of();

    /** @param member the column that says who a row is; {@code 0} or empty for the row of all others */
    TopCollector(SqlCollector statement, String member, int size) {
        this.statement = statement;
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
    public Rows collect(Connection connection) throws SQLException {
        String array = members.stream().collect(Collectors.joining(",", "{", "}"));
        Rows rows = statement.run(connection, List.of(array, size));
        members = rows.list().stream()
                .map(row -> row.text(member))
                .filter(name -> !name.isEmpty() && !name.equals("0"))
                .toList();
        return rows;
    }
}
