-- collector: vacuum_phase
-- pace: medium
-- prefix: pg_stat_progress_vacuum_
-- labels: datname, relname, phase
-- gauge: active=pg_stat_progress_vacuum_phase Current vacuum phase (1 = active, 0 = inactive). Label 'phase' is human-readable.
/* caretaker.collect.vacuum_phase */
select
  coalesce(d.datname, 'unknown') as datname,
  coalesce(format('%s.%s', n.nspname, c.relname), s.relid::text) as relname,
  p.phase,
  s.param1 = p.number as active
from pg_stat_get_progress_info('VACUUM') s
cross join (
  values (0, 'initializing'), (1, 'scanning heap'), (2, 'vacuuming indexes'), (3, 'vacuuming heap'),
    (4, 'cleaning up indexes'), (5, 'truncating heap'), (6, 'performing final cleanup')
) as p (number, phase)
left join pg_database d on d.oid = s.datid
left join pg_class c on c.oid = s.relid and d.datname = current_database()
left join pg_namespace n on n.oid = c.relnamespace
order by s.pid, p.number
limit 140
