-- collector: database
-- pace: slow
-- needs: connect on the database, or the grant pg_read_all_stats (part of pg_monitor)
-- prefix: pg_database_
-- labels: datname
-- gauge: size_bytes Disk space used by the database
-- gauge: connection_limit Connection limit set for the database
/* caretaker.collect.database */
select
  datname,
  datname = current_database() as own,
  case
    when has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage')
      then pg_database_size(oid)
  end as size_bytes,
  datconnlimit as connection_limit
from pg_database
order by datname
limit 500
