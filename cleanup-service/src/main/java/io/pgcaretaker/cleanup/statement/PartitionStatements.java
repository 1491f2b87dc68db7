package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import java.time.Instant;
import java.util.regex.Pattern;

/** The SQL that takes one partition away from a policy's table. Names come from the catalogue and are quoted. */
public final class PartitionStatements {

    /** What {@code pg_get_expr} writes for a range of one column; nothing else is ever put into a statement. */
    private static final Pattern BOUND =
            Pattern.compile("FOR VALUES FROM \\((?:MINVALUE|'[^']*'|\\d+)\\) TO \\((?:'[^']*'|\\d+)\\)");

    private final ArmedPolicy armed;
    private final Instant cutoff;
    private final Sql predicate;

    public PartitionStatements(ArmedPolicy armed, Instant cutoff) {
        this.armed = armed;
        this.cutoff = cutoff;
        this.predicate = Fragments.predicate(armed, cutoff);
    }

    private String alter(TableName partition, String verb) {
        return "alter table " + armed.table().name().quoted() + " " + verb + " partition " + partition.quoted();
    }

    /** Outside of a transaction; keeps neither readers nor writers of the table out. */
    public String detachConcurrently(TableName partition) {
        return "/* caretaker.cleanup.detach */ " + alter(partition, "detach") + " concurrently";
    }

    /** Shuts the table for a moment. */
    public Sql detach(TableName partition) {
        return Sql.of("/* caretaker.cleanup.detach */ " + alter(partition, "detach"));
    }

    /** Ends a concurrent detach that was broken off. */
    public Sql finishDetach(TableName partition) {
        return Sql.of("/* caretaker.cleanup.detach-finalize */ " + alter(partition, "detach") + " finalize");
    }

    /** Puts a partition back. */
    public Sql attach(TableName partition, String bound) {
        if (!BOUND.matcher(bound).matches()) {
            throw new IllegalArgumentException("a stored bound is not one that PostgreSQL writes");
        }
        return Sql.of("/* caretaker.cleanup.attach */ " + alter(partition, "attach") + " " + bound);
    }

    public Sql lock(TableName partition) {
        return Sql.of("/* caretaker.cleanup.lock-partition */ lock table " + partition.quoted()
                + " in access exclusive mode");
    }

    /** Whether a row of it is held, or may be: looked up for each hold by the key, whose index every partition has. */
    public Sql held(TableName partition) {
        if (armed.subjectColumns().isEmpty()) {
            return Sql.of("""
                    /* caretaker.cleanup.partition-held */
                    select 1
                    from caretaker.legal_hold h
                    where h.subject_table = ?
                      and h.released_at is null
                    limit 1
                    """, armed.table().name().quoted());
        }
        return Sql.format(
                """
                /* caretaker.cleanup.partition-held */
                select 1
                from caretaker.legal_hold h
                where h.subject_table = %s
                  and h.released_at is null
                  and exists (
                    select 1
                    from %s as t
                    where %s)
                limit 1
                """,
                Sql.of("?", armed.table().name().quoted()),
                Sql.of(partition.quoted()),
                Sql.of(HoldFragments.isHeld(armed.table(), armed.subjectColumns(), "t")));
    }

    /** The age of the oldest row that is too old; null where none is. */
    public Sql oldest(TableName partition) {
        return Sql.format(
                """
                /* caretaker.cleanup.partition-oldest */
                select %s
                from %s as t
                where %s
                """,
                Sql.of(Ages.instant(
                        armed,
                        "min(" + Fragments.column("t", armed.policy().age().column()) + ")")),
                Sql.of(partition.quoted()),
                Fragments.aged(armed, cutoff));
    }

    /** All rows of the partition, and how many of them are not expired or are held. */
    public Sql look(TableName partition) {
        return Sql.format("""
                /* caretaker.cleanup.look-at-partition */
                select count(*), count(*) filter (where (%s) is not true)
                from %s as t
                """, predicate, Sql.of(partition.quoted()));
    }

    public Sql drop(TableName partition) {
        return Sql.of("/* caretaker.cleanup.drop-partition */ drop table " + partition.quoted());
    }
}
