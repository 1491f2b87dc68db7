package io.pgcaretaker.monitoring.alert;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;

/** Which rules are silenced now. */
final class SilenceRepository {

    /** The answer to "is this rule silenced". */
    record Silenced(boolean everything, Set<String> rules) {
        Silenced {
            rules = Set.copyOf(rules);
        }

        boolean covers(String rule) {
            return everything || rules.contains(rule);
        }
    }

    Silenced at(Connection connection, Instant now) throws SQLException {
        String sql = """
                /* caretaker.silence-active */
                select distinct rule
                from caretaker.silence
                where ends_at > ?
                  and starts_at <= ?
                """;
        boolean everything = false;
        Set<String> rules = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String rule = rows.getString("rule");
                    if (rule == null) {
                        everything = true;
                    } else {
                        rules.add(rule);
                    }
                }
            }
        }
        return new Silenced(everything, rules);
    }
}
