package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The SQL that goes through a policy's table by key and takes single rows, however old they are; held ones stay. */
public final class KeyStatements {

    private final ArmedPolicy armed;
    private final Sql notHeld;

    public KeyStatements(ArmedPolicy armed) {
        this(armed, HoldFragments.notHeld(armed));
    }

    private KeyStatements(ArmedPolicy armed, Sql notHeld) {
        this.armed = armed;
        this.notHeld = notHeld;
    }

    /** As {@link Statements#leanIfNothingIsHeld}, once the gates for holds are shut. */
    public KeyStatements leanIfNothingIsHeld(Session session) throws SQLException {
        return new KeyStatements(armed, HoldFragments.notHeld(session, armed));
    }

    public Deletes deletes() {
        return new Deletes(armed, notHeld);
    }

    /** The keys after one, in their order, as texts. */
    public Sql page(List<String> after, int limit) {
        String columns =
                armed.key().stream().map(name -> Fragments.column("t", name)).collect(Collectors.joining(", "));
        String values = armed.key().stream()
                .map(name -> "cast(? as " + armed.table().type(name) + ")")
                .collect(Collectors.joining(", "));
        return Sql.format(
                """
                /* caretaker.cleanup.keys */
                select %s
                from %s as t
                where %s
                order by %s
                limit %s
                """,
                texts(),
                Sql.of(armed.table().name().quoted()),
                after.isEmpty() ? Sql.of("true") : new Sql("(" + columns + ") > (" + values + ")", List.copyOf(after)),
                Sql.of(columns),
                Sql.of("?", limit));
    }

    /** Locks the rows with these keys that are there and not held; answers their keys. */
    public Sql lock(List<List<String>> keys) {
        return Sql.format(
                """
                /* caretaker.cleanup.lock-keys */
                select %s
                from %s
                join %s as t on %s
                where %s
                for update of t
                """,
                texts(),
                Fragments.unnest(armed, keys),
                Sql.of(armed.table().name().quoted()),
                Fragments.sameKey(armed),
                notHeld);
    }

    private Sql texts() {
        return Sql.of(IntStream.range(0, armed.key().size())
                .mapToObj(i -> Fragments.column("t", armed.key().get(i)) + "::text")
                .collect(Collectors.joining(", ")));
    }
}
