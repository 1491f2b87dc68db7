package io.pgcaretaker.cleanup.ledger;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The digests of what was erased: added with their ledger line, never changed. */
public final class ErasureRepository {

    /**
     * One of them.
     *
     * @param id grows; the next page begins after the last one
     * @param tables of which rows went in its batch: the policy's, by the name that it had then, and what depended on it
     * @param columns that its key was of; absent: nobody knows
     */
    public record Erasure(
            long id,
            UUID run,
            int seq,
            String policy,
            List<String> tables,
            @Nullable String columns,
            Instant erasedAt,
            String keyId,
            String digest) {
        public Erasure {
            tables = List.copyOf(tables);
        }
    }

    void add(Session session, UUID run, int seq, Erased erased) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.erasure-add */
                insert into caretaker.cleanup_erasure (run_id, seq, key_id, columns, digest)
                select cast(? as uuid), ?, ?, ?, decode(digest, 'hex')
                from pg_catalog.unnest(cast(? as text[])) as e (digest)
                """, run.toString(), seq, erased.keyId(), erased.columns(), erased.digests()));
    }

    /**
     * What ledger lines would say of the digests that are there, as {@link ErasureKey#sum} makes it, by their runs and numbers; all
     * lines of a run have one key's.
     */
    Map<UUID, Map<Integer, String>> sums(Session session, List<LedgerRepository.Part> parts) throws SQLException {
        Map<UUID, Map<Integer, String>> sums = new HashMap<>();
        session.query(
                Sql.format("""
                        /* caretaker.cleanup.erasure-sums */
                        select
                          e.run_id,
                          e.seq,
                          string_agg(distinct e.key_id, ',') || ':'
                            || encode(sha256(string_agg(e.digest, '' order by e.digest)), 'hex')
                        from %s
                        join caretaker.cleanup_erasure e
                          on e.run_id = p.run
                          and e.seq > p.after
                          and e.seq <= p.last
                        group by e.run_id, e.seq
                        """, LedgerRepository.rows(parts)),
                row -> sums.computeIfAbsent(row.getObject(1, UUID.class), run -> new HashMap<>())
                        .put(row.getInt(2), String.valueOf(row.getString(3))));
        return sums;
    }

    /**
     * In the order in which they were added, after {@code id}. Waits for the batches that are about to add some: whoever goes
     * on behind the last one would never see those of a smaller number.
     */
    public List<Erasure> after(Session session, long id, int limit) throws SQLException {
        session.query(
                Sql.of(
                        "/* caretaker.cleanup.erasure-gate */ select pg_advisory_xact_lock(caretaker.cleanup_erasure_gate())"),
                row -> true);
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.erasure-page */
                        select
                          e.id,
                          e.run_id,
                          e.seq,
                          l.policy,
                          array(select jsonb_object_keys(l.counts::jsonb) order by 1) as tables,
                          e.columns,
                          l.written_at,
                          e.key_id,
                          encode(e.digest, 'hex') as digest
                        from caretaker.cleanup_erasure e
                        join caretaker.cleanup_ledger l on l.run_id = e.run_id and l.seq = e.seq
                        where e.id > ?
                        order by e.id
                        limit ?
                        """, id, limit),
                row -> new Erasure(
                        row.getLong("id"),
                        row.getObject("run_id", UUID.class),
                        row.getInt("seq"),
                        row.getString("policy"),
                        List.of((String[]) row.getArray("tables").getArray()),
                        row.getString("columns"),
                        row.getTimestamp("written_at").toInstant(),
                        row.getString("key_id"),
                        row.getString("digest")));
    }

    /** Whether the digest of that number is there. */
    public boolean isThere(Session session, long id) throws SQLException {
        return session.first(
                        Sql.of(
                                "/* caretaker.cleanup.erasure-is-there */ select 1 from caretaker.cleanup_erasure where id = ?",
                                id),
                        row -> true)
                .orElse(false);
    }

    /** Keys other than this one under which digests were made: it recognises nobody by those. */
    public List<String> otherKeys(Session session, String keyId) throws SQLException {
        return session.query(Sql.of("""
                        /* caretaker.cleanup.erasure-other-keys */
                        select distinct key_id
                        from caretaker.cleanup_erasure
                        where key_id <> ?
                        order by key_id
                        """, keyId), row -> row.getString(1));
    }

    /** Whether there are digests of a policy. */
    public boolean hasAny(Session session, String policy) throws SQLException {
        return session.first(Sql.of("""
                                /* caretaker.cleanup.erasure-any */
                                select 1
                                from caretaker.cleanup_ledger
                                where keys is not null
                                  and policy = ?
                                limit 1
                                """, policy), row -> true).orElse(false);
    }

    /** Policies other than these of which there are digests. */
    public List<String> otherPolicies(Session session, List<String> names) throws SQLException {
        return session.query(Sql.of("""
                        /* caretaker.cleanup.erasure-other-policies */
                        select distinct l.policy
                        from caretaker.cleanup_ledger l
                        where l.keys is not null
                          and l.policy <> all (cast(? as text[]))
                        order by l.policy
                        """, names), row -> row.getString(1));
    }

    /**
     * Policies of these, by name, of which there are digests of rows of a table that was called otherwise: the name is part of a
     * digest.
     */
    public List<String> otherTables(Session session, Map<String, String> tables) throws SQLException {
        List<String> names = List.copyOf(tables.keySet());
        return session.query(Sql.of("""
                        /* caretaker.cleanup.erasure-other-tables */
                        select distinct l.policy
                        from caretaker.cleanup_ledger l
                        join unnest(cast(? as text[]), cast(? as text[])) as p (policy, "table") on p.policy = l.policy
                        where l.keys is not null
                          and not jsonb_exists(l.counts::jsonb, p."table")
                        order by l.policy
                        """, names, names.stream().map(tables::get).toList()), row -> row.getString(1));
    }

    /** Policies of these, by name, of which there are digests of keys of other columns: nobody is recognised by those. */
    public List<String> otherColumns(Session session, Map<String, String> columns) throws SQLException {
        List<String> names = List.copyOf(columns.keySet());
        return session.query(Sql.of("""
                        /* caretaker.cleanup.erasure-other-columns */
                        select distinct l.policy
                        from caretaker.cleanup_erasure e
                        join caretaker.cleanup_ledger l on l.run_id = e.run_id and l.seq = e.seq
                        join unnest(cast(? as text[]), cast(? as text[])) as p (policy, columns) on p.policy = l.policy
                        where e.columns <> p.columns
                        order by l.policy
                        """, names, names.stream().map(columns::get).toList()), row -> row.getString(1));
    }

    /** Which of these were erased. */
    public Set<String> known(Session session, List<String> digests) throws SQLException {
        return lastErased(session, digests).keySet();
    }

    /** Which of these were erased then or later. */
    public Set<String> knownSince(Session session, List<String> digests, Instant since) throws SQLException {
        Map<String, Instant> erased = lastErased(session, digests);
        erased.values().removeIf(at -> at.isBefore(since));
        return erased.keySet();
    }

    /** Of those of these that were erased, when the last time; the key of a row may be given again. */
    public Map<String, Instant> lastErased(Session session, List<String> digests) throws SQLException {
        Map<String, Instant> erased = new HashMap<>();
        session.query(
                Sql.of("""
                        /* caretaker.cleanup.erasure-known */
                        select encode(e.digest, 'hex'), max(l.written_at)
                        from pg_catalog.unnest(cast(? as text[])) as asked (digest)
                        join caretaker.cleanup_erasure e on e.digest = decode(asked.digest, 'hex')
                        join caretaker.cleanup_ledger l on l.run_id = e.run_id and l.seq = e.seq
                        group by e.digest
                        """, digests),
                row -> erased.put(row.getString(1), row.getTimestamp(2).toInstant()));
        return erased;
    }
}
