-- collector: console_blocking
-- pace: fast
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- only-if: select 1 from pg_stat_activity where wait_event_type = 'Lock' limit 1
/* caretaker.console.blocking */
-- Planning it costs more than all else that is asked every few seconds, and mostly nobody waits: that is looked at first.
-- Who waits for a lock, and who they wait for. Blockers are asked for of those that wait only: it takes every lock partition.
with waiting as materialized (
  select pid, pg_blocking_pids(pid) as blockers
  from pg_stat_activity
  where wait_event_type = 'Lock'
  order by query_start, pid
  limit 100
), sessions as (
  select pid from waiting
  union
  select unnest(blockers) from waiting
), wanted as (
  select distinct on (l.pid) l.pid, l.mode, coalesce(format('%s.%s', n.nspname, c.relname), l.locktype) as object
  from pg_locks l
  left join pg_class c on c.oid = l.relation and l.database = (select oid from pg_database where datname = current_database())
  left join pg_namespace n on n.oid = c.relnamespace
  where not l.granted
    and l.pid in (select pid from waiting)
  order by l.pid, l.locktype
)
select
  s.pid,
  coalesce(a.datname, '') as database,
  coalesce(a.usename, '') as "user",
  coalesce(a.application_name, '') as application,
  coalesce(a.state, 'gone or a prepared transaction') as state,
  a.backend_start as "startedAt",
  a.query_start as "queryStartedAt",
  extract(epoch from clock_timestamp() - a.xact_start)::float8 as "transactionSeconds",
  extract(epoch from clock_timestamp() - coalesce(
    case when w.pid is not null then a.query_start end, a.state_change))::float8 as seconds,
  array_to_string(coalesce(w.blockers, '{}'), ',') as "blockedBy",
  m.mode as "wantsMode",
  m.object as "wantsObject",
  left(a.query, 500) as query
from sessions s
left join waiting w on w.pid = s.pid
left join wanted m on m.pid = s.pid
left join pg_stat_activity a on a.pid = s.pid
order by a.query_start, s.pid
limit 200
