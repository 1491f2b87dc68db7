package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Notice;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The SQL between a policy's table and the notices about its rows; the table is {@code t}, a notice {@code n}. */
public final class NoticeStatements {

    /** To be greeted by. A mail with a name as long as a book is refused, and who gave it to themselves would never go. */
    private static final int LONGEST_NAME = 200;

    private final ArmedPolicy armed;
    private final String table;

    public NoticeStatements(ArmedPolicy armed) {
        this.armed = armed;
        this.table = armed.table().name().quoted();
    }

    /** A notice of this very row and this very deletion has come to its end. A run sees the same ones all the time. */
    static Sql over(ArmedPolicy armed, Instant cutoff) {
        return Sql.format("""
                exists (
                    select 1
                    from caretaker.deletion_notice n
                    where %s)""", new NoticeStatements(armed).ended(cutoff));
    }

    private Sql ended(Instant cutoff) {
        return Sql.format(
                """
                %s
                      and n.due_at <= %s%s""",
                ofRow(),
                Sql.of(
                        "cast(? as timestamptz)",
                        armed.policy().retention().end(cutoff).toString()),
                Sql.of(whoWasTold()));
    }

    /**
     * Locks the notices of picked rows; answers the keys of those whose notice has still come to its end. Whoever sends one again
     * afterwards waits, and finds it purged; whoever did so before keeps the row.
     */
    Sql lock(List<List<String>> keys, Instant cutoff) {
        return Sql.format(
                """
                /* caretaker.cleanup.notice-lock */
                select %s
                from %s
                join %s as t on %s
                join caretaker.deletion_notice n on %s
                for update of n
                """,
                Sql.of(armed.key().stream()
                        .map(name -> column("t", name) + "::text")
                        .collect(Collectors.joining(", "))),
                Fragments.unnest(armed, keys),
                Sql.of(armed.from()),
                Fragments.sameKey(armed),
                ended(cutoff));
    }

    /**
     * Nobody has taken this row's notice, or its time is over. Who was told waits for the end of that time by rights, and whom
     * the policy holds because they could not be told, for an operator.
     */
    static Sql notUnderWay(ArmedPolicy armed, Instant cutoff) {
        NoticeStatements statements = new NoticeStatements(armed);
        return Sql.format("""
                (not exists (
                    select 1
                    from caretaker.deletion_notice n
                    where %s
                      and n.state <> 'waiting')
                  or %s)""", statements.ofRow(), over(armed, cutoff));
    }

    /** Found while the policy let them go, their notices have an end too: it is not the one that counts where it holds. */
    private String whoWasTold() {
        return Objects.requireNonNull(armed.policy().notice()).undeliverable() == Notice.Undeliverable.HOLD
                ? " and n.state = 'delivered'"
                : "";
    }

    private Sql ofRow() {
        return Sql.format("""
                n.ended_at is null
                      and n.policy = %s
                      and n.subject_table = %s
                      and n.subject_key = %s
                      and n.subject_age = %s""", Sql.of("?", armed.policy().name()), Sql.of("?", table), Sql.of(subjectKey()), age());
    }

    private String subjectKey() {
        return Fragments.subjectKey(
                armed.key().stream().map(name -> column("t", name)).toList());
    }

    /** Microseconds, whatever the session's zone and the column's type; null where the row has no age. */
    Sql age() {
        String age = column("t", armed.policy().age().column());
        return Sql.of(
                "(case when isfinite(" + age + ") then round(extract(epoch from " + age + ") * 1000000)::bigint end)");
    }

    /**
     * Rows that will be old enough at the cutoff, are not held, and have no notice: key, age, age as an instant and as a text.
     *
     * @param after those before it have been told: each page would pass all of them again
     */
    public Sql untold(Session session, Instant cutoff, Cursor.@Nullable Row after, int limit) throws SQLException {
        String age = column("t", armed.policy().age().column());
        return Sql.format(
                """
                /* caretaker.cleanup.notice-untold */
                select %s as subject_key, %s as subject_age, %s as age, %s::text as age_text
                from %s as t
                where %s
                  and %s
                order by %s
                limit %s
                """,
                Sql.of(subjectKey()),
                age(),
                Sql.of(Ages.instant(armed, age)),
                Sql.of(age),
                Sql.of(table),
                new Window.Rows(after, null).condition(armed),
                withoutNotice(session, cutoff),
                Sql.of(Window.order(armed).stream()
                        .map(name -> column("t", name))
                        .collect(Collectors.joining(", "))),
                Sql.of("?", limit));
    }

    /** How many of them, counted no further than {@code limit}. */
    public Sql countUntold(Session session, Instant cutoff, long limit) throws SQLException {
        return Sql.format("""
                /* caretaker.cleanup.notice-count-untold */
                select count(*)
                from (
                  select 1
                  from %s as t
                  where %s
                  limit %s
                ) as untold
                """, Sql.of(table), withoutNotice(session, cutoff), Sql.of("?", limit));
    }

    private Sql withoutNotice(Session session, Instant cutoff) throws SQLException {
        return Sql.format("""
                %s
                  and %s
                  and not exists (
                    select 1
                    from caretaker.deletion_notice n
                    where %s)""", Fragments.expired(armed, cutoff), HoldFragments.notHeld(session, armed), ofRow());
    }

    /** Whom a notice is for, if its row is still as it was: address, name, age, and whether it is held. */
    public Sql recipient(Session session, RowKey key, long subjectAge) throws SQLException {
        Notice notice = Objects.requireNonNull(armed.policy().notice());
        return Sql.format(
                """
                /* caretaker.cleanup.notice-recipient */
                select %s::text as address, %s as name, %s as age, not (%s) as held
                from %s as t
                where %s
                  and %s
                """,
                Sql.of(column("t", notice.emailColumn())),
                Sql.of(
                        notice.nameColumn() == null
                                ? "null"
                                : "left(" + column("t", notice.nameColumn()) + "::text, " + LONGEST_NAME + ")"),
                Sql.of(Ages.instant(armed, column("t", armed.policy().age().column()))),
                HoldFragments.notHeld(session, armed),
                Sql.of(table),
                key.matches(armed.table()),
                asItWas(Sql.of("?", subjectAge)));
    }

    /** Open notices of the policy, by id, after one. */
    public Sql open(UUID after, int limit) {
        return Sql.of("""
                /* caretaker.cleanup.notice-open-ids */
                select id
                from caretaker.deletion_notice
                where policy = ?
                  and subject_table = ?
                  and ended_at is null
                  and id > cast(? as uuid)
                order by id
                limit ?
                """, armed.policy().name(), table, after.toString(), limit);
    }

    /** Ends those of these notices whose row is gone, lives again, or was deleted anew. */
    public Sql withdraw(List<UUID> notices) {
        String key = IntStream.range(0, armed.key().size())
                .mapToObj(i -> column("t", armed.key().get(i)) + " = cast(n.subject_key::jsonb ->> " + i + " as "
                        + armed.table().type(armed.key().get(i)) + ")")
                .collect(Collectors.joining(" and "));
        return Sql.format(
                """
                /* caretaker.cleanup.notice-withdraw */
                update caretaker.deletion_notice n
                set state = 'withdrawn',
                    subject_key = null,
                    subject_age = null,
                    ended_at = clock_timestamp()
                where n.policy = %s
                  and n.subject_table = %s
                  and n.ended_at is null
                  and n.id = any (cast(%s as uuid[]))
                  and not exists (
                    select 1
                    from %s as t
                    where %s
                      and %s)
                """,
                Sql.of("?", armed.policy().name()),
                Sql.of("?", table),
                Sql.of("?", notices.stream().map(UUID::toString).toList()),
                Sql.of(table),
                Sql.of(key),
                asItWas(Sql.of("n.subject_age")));
    }

    private Sql asItWas(Sql subjectAge) {
        List<Sql> parts = new ArrayList<>();
        parts.add(Sql.format("%s = %s", age(), subjectAge));
        for (Condition condition : armed.policy().filter()) {
            parts.add(Fragments.condition(armed.table(), condition));
        }
        return Fragments.join(parts, " and ");
    }

    /** Ends the notices of rows that this transaction has deleted; nothing says any more whose they were. */
    public Sql purged(List<List<String>> keys, UUID run) {
        return Sql.format(
                """
                /* caretaker.cleanup.notice-purged */
                update caretaker.deletion_notice n
                set state = 'purged',
                    subject_key = null,
                    subject_age = null,
                    run_id = cast(%s as uuid),
                    ended_at = clock_timestamp()
                from %s
                where n.policy = %s
                  and n.subject_table = %s
                  and n.subject_key = %s
                  and n.ended_at is null
                """,
                Sql.of("?", run.toString()),
                Fragments.unnest(armed, keys),
                Sql.of("?", armed.policy().name()),
                Sql.of("?", table),
                Sql.of(Fragments.subjectKey(IntStream.range(0, armed.key().size())
                        .mapToObj(i -> column("k", "k" + i))
                        .toList())));
    }
}
