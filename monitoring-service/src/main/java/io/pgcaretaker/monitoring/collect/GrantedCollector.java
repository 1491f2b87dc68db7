package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What looks at views that leave out what a role may not see, or what a setting keeps from being counted: without both
 * nothing would be found, which is not the same as nothing being there.
 *
 * @param grants roles whose rights the session must have
 * @param settings that must be on
 * @param seesAll a select of one boolean: whether nothing is hidden from the session where nothing was found
 */
record GrantedCollector(Collector collector, List<String> grants, List<String> settings, Optional<String> seesAll)
        implements Collector {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    @Override
    public String name() {
        return collector.name();
    }

    @Override
    public Pace pace() {
        return collector.pace();
    }

    @Override
    public VersionRange versions() {
        return collector.versions();
    }

    @Override
    public String needs() {
        return collector.needs();
    }

    @Override
    public List<Family> families() {
        return collector.families();
    }

    @Override
    public Rows collect(Connection connection, Deadline deadline) throws SQLException {
        if (!sees(connection)) {
            throw new SQLException(collector.name() + " would see nothing", INSUFFICIENT_PRIVILEGE);
        }
        Rows rows = collector.collect(connection, deadline);
        if (rows.isEmpty() && seesAll.isPresent() && !isTrue(connection, deadline, seesAll.get())) {
            throw new SQLException(collector.name() + " did not see all", INSUFFICIENT_PRIVILEGE);
        }
        return rows;
    }

    private static boolean isTrue(Connection connection, Deadline deadline, String select) throws SQLException {
        deadline.renew(connection);
        try (PreparedStatement statement = connection.prepareStatement(select);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private boolean sees(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.collect.sees */
                select
                  not exists (select 1 from unnest(?::text[]) role where not pg_has_role(role, 'usage'))
                  and not exists (select 1 from unnest(?::text[]) setting where not current_setting(setting)::boolean)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", grants.toArray()));
            statement.setArray(2, connection.createArrayOf("text", settings.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }
}
