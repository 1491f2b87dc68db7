-- collector: stat_database_conflicts
-- pace: medium
-- prefix: pg_stat_database_conflicts_
-- labels: datid, datname, server
-- counter: confl_tablespace Number of queries in this database that have been canceled due to dropped tablespaces
-- counter: confl_lock Number of queries in this database that have been canceled due to lock timeouts
-- counter: confl_snapshot Number of queries in this database that have been canceled due to old snapshots
-- counter: confl_bufferpin Number of queries in this database that have been canceled due to pinned buffers
-- untyped: confl_active_logicalslot Number of uses of logical slots in this database that have been canceled
-- counter: confl_deadlock Number of queries in this database that have been canceled due to deadlocks
/* caretaker.collect.stat_database_conflicts */
select datid::text as datid, coalesce(datname, '') as datname, confl_tablespace, confl_lock, confl_snapshot,
  confl_bufferpin, confl_deadlock,
  -- A column that 15 and earlier have not.
  (to_jsonb(c) ->> 'confl_active_logicalslot')::float8 as confl_active_logicalslot
from pg_stat_database_conflicts c
order by datid
limit 200
