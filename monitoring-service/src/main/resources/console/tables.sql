-- collector: console_tables
-- pace: slow
/* caretaker.console.tables */
-- Sizes from relpages, so that no table is opened: exact since the last vacuum or analyze, and never behind a lock.
select
  n.nspname as schema,
  c.relname as "table",
  greatest(c.reltuples, 0)::float8 as rows,
  (c.relpages::int8 + coalesce(t.relpages, 0)) * b.size as "tableBytes",
  coalesce(x.pages, 0) * b.size as "indexBytes",
  pg_stat_get_live_tuples(c.oid) as "liveRows",
  pg_stat_get_dead_tuples(c.oid) as "deadRows",
  pg_stat_get_numscans(c.oid) as "sequentialScans",
  pg_stat_get_tuples_returned(c.oid) as "sequentialRowsRead",
  coalesce(x.scans, 0) as "indexScans",
  pg_stat_get_tuples_inserted(c.oid) as inserted,
  pg_stat_get_tuples_updated(c.oid) as updated,
  pg_stat_get_tuples_deleted(c.oid) as deleted,
  pg_stat_get_tuples_hot_updated(c.oid) as "hotUpdated",
  pg_stat_get_mod_since_analyze(c.oid) as "changedSinceAnalyze",
  greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) as "lastVacuum",
  greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) as "lastAnalyze",
  case when c.relkind <> 'p' then age(c.relfrozenxid) end as "frozenAge"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join (select current_setting('block_size')::int8 as size) b
left join pg_class t on t.oid = c.reltoastrelid
left join lateral (
  select sum(i.relpages::int8) as pages, sum(pg_stat_get_numscans(i.oid)) as scans
  from pg_index d
  join pg_class i on i.oid = d.indexrelid
  where d.indrelid = c.oid
) x on true
where c.oid in (
    select l.oid
    from pg_class l
    join pg_namespace m on m.oid = l.relnamespace
    where l.relkind in ('r', 'm')
      and m.nspname not in ('pg_catalog', 'information_schema')
      and m.nspname !~ '^pg_toast'
    order by l.relpages desc, l.oid
    limit 500
  )
order by c.relpages desc, n.nspname, c.relname
limit 500
