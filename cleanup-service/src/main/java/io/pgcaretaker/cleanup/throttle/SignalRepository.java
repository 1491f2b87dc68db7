package io.pgcaretaker.cleanup.throttle;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.time.Duration;

/** Reads the signals, and keeps the budget that all runs share. */
public final class SignalRepository {

    /** A run pays for a batch before it takes the next: this is dozens of the largest batches at once. */
    private static final long MOST_OWED_ROWS = 10_000_000;

    public Signals read(Session session, long table) throws SQLException {
        return session.first(
                        Sql.of(
                                        """
                                /* caretaker.cleanup.signals */
                                select
                                  r.standbys,
                                  r.replay_bytes,
                                  s.slot_bytes,
                                  -- What failed before archiving was switched off says nothing.
                                  current_setting('archive_mode') <> 'off'
                                    and coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false)
                                    as archiver_fails,
                                  -- Whole files since the last one that was archived; its name is timeline, log and segment.
                                  case
                                    when current_setting('archive_mode') <> 'off'
                                      and a.last_archived_wal ~ '^[0-9A-F]{24}$'
                                    then greatest(0,
                                      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
                                        / pg_size_bytes(current_setting('wal_segment_size'))
                                      - ('x' || substr(a.last_archived_wal, 9, 8))::bit(32)::bigint
                                        * (4294967296 / pg_size_bytes(current_setting('wal_segment_size')))
                                      - ('x' || substr(a.last_archived_wal, 17, 8))::bit(32)::bigint
                                      - 1)::int
                                    else 0
                                  end as archive_backlog,
                                  -- Whose vacuum it is and of what only some may see; that a table's maintenance lock is
                                  -- taken everybody may.
                                  exists (
                                    select 1
                                    from pg_stat_progress_vacuum v
                                    where (v.relid = ? or v.relid in (select relid from pg_partition_tree(cast(? as oid))))
                                      and v.datname = current_database())
                                    or not pg_has_role('pg_read_all_stats', 'usage')
                                      and exists (
                                        select 1
                                        from pg_locks v
                                        where (v.relation = ? or v.relation in (select relid from pg_partition_tree(cast(? as oid))))
                                          and v.database = (select oid from pg_database where datname = current_database())
                                          and v.mode = 'ShareUpdateExclusiveLock'
                                          and v.granted
                                          and v.pid <> pg_backend_pid()) as autovacuum,
                                  (
                                    select count(*)
                                    from pg_locks l
                                    where (l.relation = ? or l.relation in (select relid from pg_partition_tree(cast(? as oid))))
                                      and l.database = (select oid from pg_database where datname = current_database())
                                      and not l.granted) as waiting
                                from (
                                    select
                                      count(*) as standbys,
                                      -- One that cannot be seen makes the whole unknown.
                                      case when bool_and(w.lsn is not null) then
                                        max(pg_wal_lsn_diff(pg_current_wal_lsn(), w.lsn))::bigint
                                      end as replay_bytes
                                    from (
                                      -- Who only receives, such as pg_receivewal, never replays; a base backup does neither.
                                      select coalesce(replay_lsn, flush_lsn, write_lsn) as lsn
                                      from pg_stat_replication
                                      where state is distinct from 'backup') as w) as r
                                cross join (
                                    select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint as slot_bytes
                                    from pg_replication_slots
                                    -- One that was given up keeps nothing; since 16 its row may say otherwise.
                                    where wal_status is distinct from 'lost') as s
                                cross join pg_stat_archiver as a
                                """,
                                        table,
                                        Long.toString(table),
                                        table,
                                        Long.toString(table),
                                        table,
                                        Long.toString(table))
                                .plannedOnce(),
                        row -> new Signals(
                                row.getInt("standbys"),
                                row.getObject("replay_bytes", Long.class),
                                row.getObject("slot_bytes", Long.class),
                                row.getBoolean("archiver_fails"),
                                row.getInt("archive_backlog"),
                                row.getBoolean("autovacuum"),
                                row.getInt("waiting")))
                .orElseThrow(() -> new SQLException("no row", "02000"));
    }

    /**
     * Pays for rows; answers how long to rest so that all runs together stay within the budget. What is owed for more rows
     * than all runs together can owe was written when the database's clock was ahead, and is forgotten: nobody could rest
     * for so long.
     */
    public Duration pay(Session session, long rows, long rowsPerSecond) throws SQLException {
        long millis = session.first(
                        Sql.of("""
                        /* caretaker.cleanup.budget */
                        update caretaker.cleanup_budget
                        set spent_until = case
                            when spent_until > clock_timestamp() + ? * interval '1 second' / ? then clock_timestamp()
                            else greatest(spent_until, clock_timestamp())
                          end + ? * interval '1 second' / ?
                        returning (extract(epoch from spent_until - clock_timestamp()) * 1000)::bigint
                        """, MOST_OWED_ROWS, rowsPerSecond, rows, rowsPerSecond)
                                .plannedOnce(),
                        row -> row.getLong(1))
                .orElse(0L);
        return Duration.ofMillis(Math.max(0, millis));
    }
}
