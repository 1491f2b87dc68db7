-- collector: locks
-- pace: medium
-- prefix: pg_locks_
-- labels: datname, mode
-- gauge: count Number of locks
/* caretaker.collect.locks */
select d.datname, modes.mode, coalesce(l.count, 0) as count
from (
  values ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), ('shareupdateexclusivelock'), ('sharelock'),
    ('sharerowexclusivelock'), ('exclusivelock'), ('accessexclusivelock'), ('sireadlock')
) as modes (mode)
cross join pg_database d
left join (
  select database, lower(mode) as mode, count(*) as count
  from pg_locks
  where database is not null
  group by database, lower(mode)
) l on l.mode = modes.mode and l.database = d.oid
order by d.datname, modes.mode
limit 5000
