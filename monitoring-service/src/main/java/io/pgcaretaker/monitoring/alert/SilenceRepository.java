package io.pgcaretaker.monitoring.alert;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** Which open incidents are silenced now, by their rule, their labels or both. */
final class SilenceRepository {

    Set<UUID> silenced(Connection connection, Instant now) throws SQLException {
        String sql = """
                /* caretaker.silence-active */
                select i.id
                from caretaker.incident i
                where i.state in ('pending', 'firing')
                  and exists (
                    select 1
                    from caretaker.silence s
                    where s.ends_at > ?
                      and s.starts_at <= ?
                      and (s.rule is null or s.rule = i.rule)
                      and i.labels @> s.labels
                  )
                """;
        Set<UUID> silenced = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    silenced.add(rows.getObject(1, UUID.class));
                }
            }
        }
        return silenced;
    }
}
