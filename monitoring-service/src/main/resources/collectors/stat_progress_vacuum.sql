-- collector: stat_progress_vacuum
-- pace: medium
-- prefix: pg_stat_progress_vacuum_
-- labels: datname, relname
-- gauge: heap_blks Total number of heap blocks in the table being vacuumed.
-- gauge: heap_blks_scanned Number of heap blocks scanned so far.
-- gauge: heap_blks_vacuumed Number of heap blocks vacuumed so far.
-- gauge: index_vacuums Number of completed index vacuum cycles.
-- gauge: max_dead_tuples Maximum number of dead tuples that can be stored before cleanup is performed.
-- gauge: num_dead_tuples Current number of dead tuples found so far.
/* caretaker.collect.stat_progress_vacuum */
-- The function under the view, whose columns are renamed from version to version; the name from pg_class, since a cast to
-- regclass would look the table up again.
select
  coalesce(d.datname, 'unknown') as datname,
  coalesce(format('%s.%s', n.nspname, c.relname), s.relid::text) as relname,
  s.pid,
  s.param1 as phase_number,
  s.param2 as heap_blks,
  s.param3 as heap_blks_scanned,
  s.param4 as heap_blks_vacuumed,
  s.param5 as index_vacuums,
  s.param6 as max_dead_tuples,
  s.param7 as num_dead_tuples
from pg_stat_get_progress_info('VACUUM') s
left join pg_database d on d.oid = s.datid
left join pg_class c on c.oid = s.relid and d.datname = current_database()
left join pg_namespace n on n.oid = c.relnamespace
order by s.pid
limit 50
