package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.ReplicationRepository;
import io.pgcaretaker.cleanup.catalogue.ReplicationRepository.Change;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What logical replication has against rows being deleted or changed. */
final class ReplicationChecks {

    private final ReplicationRepository replication = new ReplicationRepository();

    /** What is wrong with the session itself. */
    List<String> problems(Session session, String role) throws SQLException {
        return replication.isReplica(session)
                ? List.of(
                        "session_replication_role is replica for this role or database, so that neither foreign keys nor"
                                + " triggers act and rows would go on to refer to what has gone; run: alter role "
                                + TableName.quote(role) + " set session_replication_role = origin")
                : List.of();
    }

    /** What is wrong with a table whose rows are deleted, or updated. */
    List<String> problems(Session session, Table table, Change change) throws SQLException {
        // Most databases publish nothing, and to plan what follows takes PostgreSQL milliseconds.
        if (!replication.hasPublications(session)) {
            return List.of();
        }
        String word = change.name().toLowerCase(Locale.ROOT);
        Stream<String> without = replication.withoutIdentity(session, table.oid(), change).stream()
                .map(name ->
                        name + " is in a publication and has no replica identity, so that PostgreSQL refuses every "
                                + word + "; give it a primary key, or run: alter table " + name.quoted()
                                + " replica identity full; or take it out of the publication");
        Stream<String> narrowed = replication.narrowed(session, table.oid(), change).stream()
                .map(part -> "the " + part.by() + " of the publication " + part.publication() + " for " + part.table()
                        + " does not go with its replica identity, so that PostgreSQL refuses every " + word + "; "
                        + (part.by().equals("row filter")
                                ? "filter by columns of the identity alone, or run: alter table "
                                        + part.table().quoted() + " replica identity full"
                                : "list every column of the identity, and none where that is full")
                        + "; or take the table out of the publication");
        return Stream.concat(without, narrowed).toList();
    }
}
