package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import java.util.List;
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
     * Names a new one, after a batch has taken its rows: until it ends, its locks on their tables let nobody add another. By
     * the triggers, which have an index by table.
     */
    static Sql find(ArmedPolicy armed) {
        Stream<Long> dependents =
                armed.dependents().stream().map(dependent -> dependent.table().oid());
        return Sql.of(
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
                        Stream.concat(Stream.of(armed.table().oid()), dependents)
                                .distinct()
                                .map(String::valueOf)
                                .toList(),
                        seen(armed))
                .plannedOnce();
    }

    /** Rolls the batch back where {@link #find} found any. */
    static void refuse(List<String> found) {
        if (!found.isEmpty()) {
            throw new FoundException(found.get(0));
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
