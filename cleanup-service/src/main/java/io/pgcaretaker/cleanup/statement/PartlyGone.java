package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.database.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The SQL about rows of which a part of what depends on them has gone. None comes back: what is left would pass for all of
 * it (decision 0062).
 */
public final class PartlyGone {

    private final ArmedPolicy armed;

    public PartlyGone(ArmedPolicy armed) {
        this.armed = armed;
    }

    /** Rows that nobody can bring back need not be known. */
    public boolean counts() {
        return !armed.policy().restore().isEmpty()
                && !(armed.dependents().isEmpty() && armed.setNull().isEmpty());
    }

    public Sql begun(Cursor.Row row, UUID run) {
        return Sql.format(
                """
                /* caretaker.cleanup.partly-gone */
                insert into caretaker.cleanup_partly_gone (subject, policy, run_id)
                select %s, %s, cast(%s as uuid)
                from %s
                on conflict do nothing
                """, subject(), Sql.of("?", armed.policy().name()), Sql.of("?", run.toString()), unnest(List.of(row)));
    }

    /** They have gone as a whole. */
    public Sql ended(List<Cursor.Row> rows) {
        return Sql.format("""
                /* caretaker.cleanup.wholly-gone */
                delete from caretaker.cleanup_partly_gone
                where subject = any (array(
                  select %s
                  from %s))
                """, subject(), unnest(rows));
    }

    private Sql subject() {
        return digest(IntStream.rangeClosed(0, armed.key().size())
                .mapToObj(i -> column("k", "k" + i))
                .toList());
    }

    /** Rows of age and key as texts, as {@code k (k0, k1 …)}. */
    private Sql unnest(List<Cursor.Row> rows) {
        List<Object> columns = new ArrayList<>();
        columns.add(rows.stream().map(Cursor.Row::age).toList());
        for (int i = 0; i < armed.key().size(); i++) {
            int at = i;
            columns.add(rows.stream().map(row -> row.key().get(at)).toList());
        }
        return new Sql(
                IntStream.range(0, columns.size())
                                .mapToObj(i -> "cast(? as text[])")
                                .collect(Collectors.joining(", ", "unnest(", ") as k ("))
                        + IntStream.range(0, columns.size())
                                .mapToObj(i -> "k" + i)
                                .collect(Collectors.joining(", ", "", ")")),
                columns);
    }

    /** Whether the row of {@code t} is one of them. */
    Sql is() {
        return Sql.format(
                "exists (select 1 from caretaker.cleanup_partly_gone g where g.subject = %s)",
                digest(Window.order(armed).stream()
                        .map(name -> column("t", name) + "::text")
                        .toList()));
    }

    /** As the key of restore links is no application's to read, keys that can be guessed cannot be found by it. */
    private Sql digest(List<String> ageAndKey) {
        return Sql.format(
                "(select sha256(key || convert_to(pg_catalog.jsonb_build_array(%s, %s)::text, getdatabaseencoding()))"
                        + " from caretaker.deletion_notice_key)",
                Sql.of("?::text", armed.table().name().quoted()), Sql.of(String.join(", ", ageAndKey)));
    }
}
