-- collector: console_locks
-- pace: medium
/* caretaker.console.locks */
-- A relation is looked up for each lock: joined as a whole, 50,000 of them are 5 MB in memory at every look.
select
  coalesce(d.datname, '') as database,
  l.locktype as type,
  coalesce(n.nspname, '') as schema,
  coalesce(c.relname, '') as object,
  l.mode,
  l.granted,
  count(*) as count,
  count(distinct l.pid) as sessions,
  max(extract(epoch from clock_timestamp() - a.xact_start))::float8 as "oldestTransactionSeconds"
from pg_locks l
left join pg_database d on d.oid = l.database
left join lateral (
  select relname, relnamespace
  from pg_class
  where oid = l.relation
    and d.datname = current_database()
  offset 0
) c on true
left join pg_namespace n on n.oid = c.relnamespace
left join pg_stat_activity a on a.pid = l.pid
where l.pid is distinct from pg_backend_pid()
  and l.locktype <> 'virtualxid'
group by 1, 2, 3, 4, 5, 6
order by l.granted, count(*) desc, 1, 2, 3, 4, 5
limit 200
