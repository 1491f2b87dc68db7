package io.pgcaretaker.cleanup.notice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.Paging;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The notices' own rows: who has one, and what is asked of them. Every clock here is the database's. */
public final class NoticeRepository {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

    /** Changed in one go: there may be very many, and a statement over all of them would be over its deadline each time. */
    private static final int PAGE = 1_000;

    /** A row that nobody has been told of, and where it stands in the order of age and key. */
    record Untold(String subjectKey, long age, Instant purgeAt, Cursor.Row place) {}

    /** Opens a notice for each row that has none; whoever is second changes nothing. */
    int open(Session session, ArmedPolicy armed, List<Untold> rows) throws SQLException {
        return session.update(Sql.of(
                """
                /* caretaker.cleanup.notice-open */
                insert into caretaker.deletion_notice (policy, subject_table, subject_key, subject_age, purge_at)
                select ?, ?, subject_key, subject_age, purge_at
                from unnest(cast(? as text[]), cast(? as bigint[]), cast(? as timestamptz[]))
                  as u (subject_key, subject_age, purge_at)
                on conflict do nothing
                """,
                armed.policy().name(),
                armed.table().name().quoted(),
                rows.stream().map(Untold::subjectKey).toList(),
                rows.stream().map(row -> Long.toString(row.age())).toList(),
                rows.stream().map(row -> row.purgeAt().toString()).toList()));
    }

    static List<String> key(String json) {
        try {
            return JSON.readValue(json, TEXTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a notice's key is no list of texts");
        }
    }

    /** The policy has changed its mind about those that were held. Some at a time. */
    int letGo(Session session, ArmedPolicy armed, Instant dueAt) throws SQLException {
        return session.update(Sql.of(
                """
                /* caretaker.cleanup.notice-let-go */
                update caretaker.deletion_notice
                set due_at = greatest(purge_at, cast(? as timestamptz))
                where id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where policy = ?
                    and subject_table = ?
                    and ended_at is null
                    and state = 'undeliverable'
                    and due_at is null
                  order by settled_at, id
                  limit ?))
                  and ended_at is null
                """,
                dueAt.toString(),
                armed.policy().name(),
                armed.table().name().quoted(),
                PAGE));
    }

    /** The other way round: those that were let go stay, until somebody decides. */
    int holdBack(Session session, ArmedPolicy armed) throws SQLException {
        return session.update(
                Sql.of("""
                /* caretaker.cleanup.notice-hold-back */
                update caretaker.deletion_notice
                set due_at = null
                where id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where policy = ?
                    and subject_table = ?
                    and ended_at is null
                    and state = 'undeliverable'
                    and due_at is not null
                  order by settled_at, id
                  limit ?))
                  and ended_at is null
                """, armed.policy().name(), armed.table().name().quoted(), PAGE));
    }

    /** Those that could not be delivered, in the order in which that was found. */
    List<NoticesResource.Undeliverable> undeliverable(Session session, String policy, Paging paging)
            throws SQLException {
        return session.query(Sql.of("""
                        /* caretaker.cleanup.notice-undeliverable */
                        select id, subject_key, reason, settled_at, due_at
                        from caretaker.deletion_notice
                        where policy = ?
                          and state = 'undeliverable'
                          and ended_at is null
                        order by settled_at, id
                        limit ?
                        offset ?
                        """, policy, paging.size(), (long) paging.page() * paging.size()), row -> {
            Instant goesAt = instant(row, "due_at");
            return new NoticesResource.Undeliverable(
                    row.getObject("id", UUID.class),
                    row.getString("subject_key"),
                    row.getString("reason"),
                    goesAt == null ? "held" : "undeliverable",
                    instant(row, "settled_at"),
                    goesAt);
        });
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    /** What could not be delivered is handed over anew, as another mail. Some at a time. */
    int retry(Session session, String policy) throws SQLException {
        return session.update(Sql.of("""
                /* caretaker.cleanup.notice-retry */
                update caretaker.deletion_notice
                set state = 'waiting',
                    reason = null,
                    edition = edition + 1,
                    attempt = attempt + 1,
                    next_attempt_at = clock_timestamp(),
                    email_id = null,
                    accepted_at = null,
                    settled_at = null,
                    due_at = null
                where id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where policy = ?
                    and state = 'undeliverable'
                    and ended_at is null
                  order by settled_at, id
                  limit ?))
                  -- Somebody else may have done so meanwhile.
                  and state = 'undeliverable'
                  and ended_at is null
                """, policy, PAGE));
    }

    /** Ends the notices of a row that lives again. */
    public void restored(Session session, Table table, RowKey key) throws SQLException {
        end(
                session,
                "restored",
                Sql.format(
                        "subject_table = %s and subject_key = (select %s)",
                        Sql.of("?", table.name().quoted()),
                        key.canonical(table, "pg_catalog.jsonb_build_array(%s)::text")));
    }

    static int end(Session session, String state, Sql which) throws SQLException {
        return session.update(Sql.format("""
                /* caretaker.cleanup.notice-end */
                update caretaker.deletion_notice
                set state = %s,
                    subject_key = null,
                    subject_age = null,
                    ended_at = clock_timestamp()
                where %s
                  and ended_at is null
                """, Sql.of("?", state), which));
    }

    /** The row that a restore link stands for. */
    public record Subject(String policy, String table, List<String> key, long age) {
        public Subject {
            key = List.copyOf(key);
        }

        @Override
        public String toString() {
            return "Subject[" + policy + "]";
        }
    }

    public Optional<Subject> subject(Session session, UUID id) throws SQLException {
        return session.first(
                Sql.of("""
                        /* caretaker.cleanup.notice-subject */
                        select policy, subject_table, subject_key, subject_age
                        from caretaker.deletion_notice
                        where id = cast(? as uuid)
                          and ended_at is null
                        """, id.toString()),
                row -> new Subject(
                        row.getString("policy"),
                        row.getString("subject_table"),
                        key(row.getString("subject_key")),
                        row.getLong("subject_age")));
    }

    /** Its row was brought back, by its link or by an operator. */
    public boolean isRestored(Session session, UUID id) throws SQLException {
        return session.first(Sql.of("""
                        /* caretaker.cleanup.notice-restored */
                        select state = 'restored'
                        from caretaker.deletion_notice
                        where id = cast(? as uuid)
                        """, id.toString()), row -> row.getBoolean(1))
                .orElse(false);
    }

    /** Signs restore links; the same for all replicas. */
    public byte[] linkKey(Session session) throws SQLException {
        return session.first(
                        Sql.of("/* caretaker.cleanup.notice-key */ select key from caretaker.deletion_notice_key"),
                        row -> row.getBytes(1))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    boolean isStopped(Session session) throws SQLException {
        return session.first(
                        Sql.of("/* caretaker.cleanup.switch */ select stopped from caretaker.cleanup_switch"),
                        row -> row.getBoolean(1))
                .orElse(true);
    }

    /**
     * Ends the notices of policies that tell nobody any more: nothing else would, and whose they were would be kept for ever.
     * Some at a time.
     */
    public int endOfOthers(Session session, List<String> telling) throws SQLException {
        return end(session, "withdrawn", Sql.of("""
                id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where ended_at is null
                    and policy <> all (cast(? as text[]))
                  order by policy, id
                  limit ?))""", telling, PAGE));
    }

    /**
     * The same of those about another table than the policy's, as after that was renamed. On either side of its name in the order of
     * the index: there may be very many of it. Some at a time.
     */
    public int endOfOtherTables(Session session, String policy, String table) throws SQLException {
        return end(session, "withdrawn", Sql.of("""
                (id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where ended_at is null
                    and policy = ?
                    and subject_table < ?
                  order by subject_table, subject_key, subject_age
                  limit ?))
                or id = any (array(
                  select id
                  from caretaker.deletion_notice
                  where ended_at is null
                    and policy = ?
                    and subject_table > ?
                  order by subject_table, subject_key, subject_age
                  limit ?)))""", policy, table, PAGE, policy, table, PAGE));
    }

    /** Deletes what ended long ago; nothing personal is in it any more. */
    public int tidy(Session session, Duration keep, int limit) throws SQLException {
        return session.update(Sql.of("""
                /* caretaker.cleanup.notice-tidy */
                delete from caretaker.deletion_notice
                where id in (
                  select id
                  from caretaker.deletion_notice
                  where ended_at < clock_timestamp() - ? * interval '1 second'
                  order by ended_at, id
                  limit ?)
                """, keep.toSeconds(), limit));
    }
}
