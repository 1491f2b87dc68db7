-- check: blocked-sessions
-- severity: warning
-- title: Sessions that wait for a lock for more than 10 s
-- advice: Look at the session that blocks, not at the one that waits.
-- needs: the grant pg_read_all_stats (part of pg_monitor), and track_activities on
-- grant: pg_read_all_stats
-- setting: track_activities
/* caretaker.check.blocked-sessions */
select
  'pid ' || pid as object,
  'waits for ' || round(extract(epoch from clock_timestamp() - query_start)) || ' s, blocked by '
    || array_to_string(pg_blocking_pids(pid), ', ') as evidence,
  null::text as fix
from pg_stat_activity
where wait_event_type = 'Lock'
  and query_start < clock_timestamp() - interval '10 seconds'
order by query_start, pid
limit 100
