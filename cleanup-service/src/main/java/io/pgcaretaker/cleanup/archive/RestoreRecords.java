package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

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

    List<ReadBack> of(Session session, String file) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.archive-restores */
                        select restored_at, restored_by, rows
                        from caretaker.cleanup_archive_restore
                        where file = ?
                        order by id
                        """, file),
                row -> new ReadBack(row.getTimestamp(1).toInstant(), row.getString(2), row.getLong(3)));
    }
}
