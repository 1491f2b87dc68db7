-- collector: running_queries
-- pace: fast
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
/* caretaker.collect.running-queries */
select
  a.pid,
  coalesce(a.datname, '') as database,
  coalesce(a.usename, '') as "user",
  coalesce(a.application_name, '') as application,
  a.state,
  a.query_start,
  extract(epoch from clock_timestamp() - a.query_start)::float8 as seconds,
  coalesce(a.wait_event_type || ':' || a.wait_event, '') as waiting_for,
  case when a.wait_event_type = 'Lock' then array_to_string(pg_blocking_pids(a.pid), ',') else '' end as blocked_by,
  left(a.query, 500) as query
from pg_stat_activity a
where a.state = 'active'
  and a.backend_type = 'client backend'
  and a.pid <> pg_backend_pid()
  and a.query_start is not null
  -- Caretaker's own clean-up and collection are no finding.
  and a.application_name not like 'caretaker-%'
order by a.query_start, a.pid
limit 100
