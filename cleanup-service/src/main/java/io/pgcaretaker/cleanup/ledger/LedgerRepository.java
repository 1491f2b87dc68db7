package io.pgcaretaker.cleanup.ledger;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ledger's table: lines are added, never changed. */
public final class LedgerRepository {

    private static final UUID FIRST = new UUID(0, 0);
    private static final UUID LAST = new UUID(-1, -1);

    private final ErasureRepository erasures = new ErasureRepository();

    /** Adds a line, in the transaction of the deletes; {@link #addErased} what its keys were. */
    public Sql addition(LedgerLine line) {
        return Sql.of(
                        """
                /* caretaker.cleanup.ledger-append */
                insert into caretaker.cleanup_ledger
                  (run_id, seq, written_at, policy, counts, rows, archive, keys, prev_hash, hash)
                values (cast(? as uuid), ?, cast(? as timestamptz), ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?)
                """,
                        line.runId().toString(),
                        line.seq(),
                        line.writtenAt().toString(),
                        line.policy(),
                        line.counts(),
                        line.rows(),
                        line.archive() == null ? "" : line.archive(),
                        line.keys() == null ? "" : line.keys(),
                        line.prevHash(),
                        line.hash())
                .plannedOnce();
    }

    /** What a line that was added erased, for a replay. */
    public void addErased(Session session, LedgerLine line, Erased erased) throws SQLException {
        erasures.add(session, line.runId(), line.seq(), erased);
    }

    /** One page, newest first; of one run when it is named. */
    List<LedgerLine> newest(Session session, @Nullable UUID run, int page, int size) throws SQLException {
        String id = run == null ? "" : run.toString();
        return session.query(Sql.of("""
                        /* caretaker.cleanup.ledger-page */
                        select *
                        from caretaker.cleanup_ledger
                        where (? = '' or run_id = cast(nullif(?, '') as uuid))
                        order by written_at desc, run_id, seq desc
                        limit ?
                        offset ?
                        """, id, id, size, (long) page * size), LedgerRepository::line);
    }

    /** Whether rows were ever archived. */
    public boolean namesFiles(Session session) throws SQLException {
        return session.first(Sql.of("""
                                select /* caretaker.cleanup.ledger-archives */ exists (
                                  select 1
                                  from caretaker.cleanup_ledger
                                  where archive is not null)
                                """), row -> row.getBoolean(1)).orElse(false);
    }

    /** Some lines of a run: after one, and up to another one. */
    record Part(UUID run, int after, int last) {}

    /** By their runs, in order. */
    Map<UUID, List<LedgerLine>> lines(Session session, List<Part> parts) throws SQLException {
        Map<UUID, List<LedgerLine>> lines = new HashMap<>();
        session.query(Sql.format("""
                        /* caretaker.cleanup.ledger-lines */
                        select l.*
                        from %s
                        join caretaker.cleanup_ledger l
                          on l.run_id = p.run
                          and l.seq > p.after
                          and l.seq <= p.last
                        order by l.run_id, l.seq
                        """, rows(parts)), row -> {
            LedgerLine line = line(row);
            return lines.computeIfAbsent(line.runId(), run -> new ArrayList<>()).add(line);
        });
        return lines;
    }

    /** As a table {@code p}. */
    static Sql rows(List<Part> parts) {
        return Sql.of(
                "unnest(cast(? as uuid[]), cast(? as int[]), cast(? as int[])) as p (run, after, last)",
                parts.stream().map(part -> part.run().toString()).toList(),
                parts.stream().map(part -> Integer.toString(part.after())).toList(),
                parts.stream().map(part -> Integer.toString(part.last())).toList());
    }

    /**
     * Where a walk through the lines stands, in the order of their runs.
     *
     * @param seq after this one of the run
     */
    public record Place(UUID run, int seq) {}

    /**
     * A line, and the file that it names.
     *
     * @param file absent where nothing was archived
     */
    public record Line(
            UUID run, int seq, String policy, @Nullable String file) {
        public Place place() {
            return new Place(run, seq);
        }
    }

    /** The next lines, those that archived nothing too: so one statement looks at no more than it answers. */
    public List<Line> files(Session session, Place after, @Nullable UUID lastRun, int limit) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.ledger-files */
                        select
                          run_id,
                          seq,
                          policy,
                          split_part(archive, ' ', 1) as file
                        from caretaker.cleanup_ledger
                        where (run_id, seq) > (cast(? as uuid), ?)
                          and run_id <= cast(? as uuid)
                        order by run_id, seq
                        limit ?
                        """, after.run().toString(), after.seq(), (lastRun == null ? LAST : lastRun).toString(), limit),
                row -> new Line(
                        row.getObject("run_id", UUID.class),
                        row.getInt("seq"),
                        row.getString("policy"),
                        row.getString("file")));
    }

    /** Rows by table, of the line that names this archive, which then holds what was deleted; empty: none does. */
    public Optional<String> counts(Session session, String archive, UUID run, int seq) throws SQLException {
        return session.first(Sql.of("""
                        /* caretaker.cleanup.ledger-archive */
                        select counts
                        from caretaker.cleanup_ledger
                        where run_id = cast(? as uuid)
                          and seq = ?
                          and archive = ?
                        """, run.toString(), seq, archive), row -> row.getString(1));
    }

    /**
     * A file that was archived, and the line that it belongs to.
     *
     * @param reference as that line names it; empty: not known
     * @param home of the database that it was written for; empty: written before files were named by it
     */
    public record Archived(String file, UUID run, int seq, String reference, String home) {}

    /**
     * Of this database as it runs: no copy of it has the same, nor itself after a restart or a restore, also of the data alone,
     * for which the tables were emptied (decision 0066).
     */
    private static final Sql HOME = Sql.of("""
            left(
              encode(
                sha256(
                  convert_to(
                    concat_ws(
                      ' ',
                      extract(epoch from pg_postmaster_start_time()),
                      (select oid from pg_database where datname = current_database()),
                      cast(cast('caretaker.cleanup_run' as regclass) as oid),
                      pg_relation_filenode('caretaker.cleanup_run'),
                      pg_relation_filenode('caretaker.cleanup_ledger')),
                    'UTF8')),
                'hex'),
              12)""");

    /**
     * What became of a file's batch.
     *
     * @param committed a line names the file, which then holds what was deleted
     * @param orphan no line will ever name it: its run has written that line with another one, or has ended before it; of a
     *     run that is not known, as after a backup was restored, nothing is said to be an orphan, nor of a file that was
     *     written for another home: the same run may have gone on there, and the file be what is left of rows there
     */
    public record Fate(boolean committed, boolean orphan) {}

    /** Of all these files at once: each statement is a way to the database and back. */
    public Map<String, Fate> fates(Session session, List<Archived> files) throws SQLException {
        Map<String, Fate> fates = new HashMap<>();
        session.query(
                Sql.format(
                        """
                        /* caretaker.cleanup.ledger-fates */
                        select
                          f.file,
                          exists (
                            select 1
                            from caretaker.cleanup_ledger l
                            where l.run_id = f.run
                              and l.seq = f.seq
                              and l.archive = f.reference) as committed,
                          exists (
                            select 1
                            from caretaker.cleanup_run r
                            where r.id = f.run
                              and f.home = %s
                              and (r.ledger_seq >= f.seq or r.finished_at is not null)
                              and not exists (
                                select 1
                                from caretaker.cleanup_ledger l
                                where l.run_id = r.id
                                  and l.seq = f.seq
                                  and starts_with(l.archive, f.file || ' '))) as orphan
                        from unnest(cast(%s as text[]), cast(%s as uuid[]), cast(%s as int[]), cast(%s as text[]), cast(%s as text[]))
                          as f (file, run, seq, reference, home)
                        """,
                        HOME,
                        Sql.of("?", files.stream().map(Archived::file).toList()),
                        Sql.of(
                                "?",
                                files.stream()
                                        .map(file -> file.run().toString())
                                        .toList()),
                        Sql.of(
                                "?",
                                files.stream()
                                        .map(file -> Integer.toString(file.seq()))
                                        .toList()),
                        Sql.of("?", files.stream().map(Archived::reference).toList()),
                        Sql.of("?", files.stream().map(Archived::home).toList())),
                row -> fates.put(row.getString(1), new Fate(row.getBoolean(2), row.getBoolean(3))));
        return fates;
    }

    public boolean isOrphan(Session session, Archived file) throws SQLException {
        return Objects.requireNonNull(fates(session, List.of(file)).get(file.file()))
                .orphan();
    }

    /** What files are named by that are written in this session's transaction. */
    public static String home(Session session) throws SQLException {
        return session.first(
                        Sql.format("select /* caretaker.cleanup.archive-home */ %s", HOME), row -> row.getString(1))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    /**
     * What a run's row says its ledger is.
     *
     * @param surplus there are lines that it does not know
     */
    record Head(UUID run, int seq, @Nullable String hash, long rowsDeleted, boolean surplus) {}

    /** Runs in the order of their ids, after {@code last}. */
    List<Head> heads(Session session, @Nullable UUID last, int limit) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.ledger-heads */
                        select
                          id,
                          ledger_seq,
                          ledger_hash,
                          rows_deleted,
                          -- By the ends of the run's part of the index; asked whether there is one, the whole ledger is read at times.
                          (select max(seq) from caretaker.cleanup_ledger l where l.run_id = r.id) > r.ledger_seq
                          or (select min(seq) from caretaker.cleanup_ledger l where l.run_id = r.id) < 1 as surplus
                        from caretaker.cleanup_run r
                        where id > cast(? as uuid)
                        order by id
                        limit ?
                        """, (last == null ? FIRST : last).toString(), limit),
                row -> new Head(
                        row.getObject("id", UUID.class),
                        row.getInt("ledger_seq"),
                        row.getString("ledger_hash"),
                        row.getLong("rows_deleted"),
                        row.getBoolean("surplus")));
    }

    private static LedgerLine line(ResultSet row) throws SQLException {
        return new LedgerLine(
                row.getObject("run_id", UUID.class),
                row.getInt("seq"),
                row.getTimestamp("written_at").toInstant(),
                row.getString("policy"),
                row.getString("counts"),
                row.getLong("rows"),
                row.getString("archive"),
                row.getString("keys"),
                row.getString("prev_hash"),
                row.getString("hash"));
    }
}
