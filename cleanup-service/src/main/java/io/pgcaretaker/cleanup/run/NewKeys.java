package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Foreign keys that pre-flight has not seen: a migration may add one while a run goes on for hours, and what cascades by it
 * would be counted nowhere, and kept by no hold.
 */
final class NewKeys {

    private NewKeys() {}

    /** Rolls the batch back and ends the run: the next one's pre-flight looks at the key. */
    static final class FoundException extends RuntimeException {
        FoundException(String key) {
            super(
                    "the foreign key " + key
                            + " was added while the run went on; nothing of this batch was deleted, the next run looks at it first");
        }
    }

    /**
     * After a batch has taken its rows: until it ends, its locks on their tables let nobody add another key. By the triggers,
     * which have an index by table.
     */
    static void refuse(Session session, ArmedPolicy armed) throws SQLException {
        Optional<String> found = session.first(
                Sql.of(
                        """
                        /* caretaker.cleanup.new-keys */
                        select k.conname || ' of ' || cast(k.conrelid as regclass) as name
                        from pg_trigger t
                        join pg_constraint k on k.oid = t.tgconstraint
                        where t.tgrelid = any (cast(? as oid[]))
                          and k.confrelid = t.tgrelid
                          and k.contype = 'f'
                          and k.conparentid = 0
                          and k.confdeltype in ('c', 'n', 'd')
                          and k.conrelid || ' ' || k.conname <> all (cast(? as text[]))
                        order by name
                        limit 1
                        """,
                        Stream.concat(
                                        Stream.of(armed.table().oid()),
                                        armed.dependents().stream()
                                                .map(dependent ->
                                                        dependent.table().oid()))
                                .distinct()
                                .map(String::valueOf)
                                .toList(),
                        seen(armed)),
                row -> row.getString(1));
        if (found.isPresent()) {
            throw new FoundException(found.get());
        }
    }

    private static List<String> seen(ArmedPolicy armed) {
        Stream<ForeignKey> down = armed.dependents().stream()
                .map(dependent -> dependent.path().get(dependent.path().size() - 1));
        return Stream.concat(down, armed.unset().stream())
                .map(key -> key.childOid() + " " + key.name())
                .toList();
    }
}
