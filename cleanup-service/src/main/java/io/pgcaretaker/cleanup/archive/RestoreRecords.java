package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What of the archive was read back: a row each time, in the transaction that put the rows in. */
final class RestoreRecords {

    /** A time that a file was read back. */
    public record ReadBack(Instant restoredAt, String restoredBy, long rows) {}

    void add(Session session, Manifest manifest, long rows, String by) throws SQLException {
        session.update(Sql.of(
                """
                /* caretaker.cleanup.archive-restored */
                insert into caretaker.cleanup_archive_restore (file, run_id, "table", rows, restored_by)
                values (?, cast(? as uuid), ?, ?, ?)
                """,
                manifest.file(),
                manifest.run().toString(),
                new TableName(manifest.schema(), manifest.table()).toString(),
                rows,
                by));
    }

    /** The last time that a file was read back. Whoever reads it back at the same moment is waited for. */
    Optional<ReadBack> lastOf(Session session, String file) throws SQLException {
        session.query(Sql.of("""
                        /* caretaker.cleanup.archive-restore-gate */
                        select pg_advisory_xact_lock(hashtextextended('caretaker.archive ' || cast(? as text), 0))
                        """, file), row -> true);
        List<ReadBack> all = of(session, List.of(file)).getOrDefault(file, List.of());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** By file, oldest first; none of a file that was never read back. */
    Map<String, List<ReadBack>> of(Session session, List<String> files) throws SQLException {
        Map<String, List<ReadBack>> records = new HashMap<>();
        session.query(
                Sql.of("""
                        /* caretaker.cleanup.archive-restores */
                        select restored_at, restored_by, rows, file
                        from caretaker.cleanup_archive_restore
                        where file = any (cast(? as text[]))
                        order by id
                        """, files),
                row -> records.computeIfAbsent(row.getString(4), file -> new ArrayList<>())
                        .add(new ReadBack(row.getTimestamp(1).toInstant(), row.getString(2), row.getLong(3))));
        return records;
    }
}
