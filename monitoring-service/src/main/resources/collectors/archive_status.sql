-- collector: archive_status
-- pace: medium
-- needs: execute on pg_ls_archive_statusdir() (part of pg_monitor)
-- prefix: caretaker_archive_
-- gauge: waiting_files Number of WAL files that are to be archived
-- gauge: oldest_waiting_seconds Since when the oldest of them waits; 0 where none does
/* caretaker.collect.archive_status */
select
  count(*) as waiting_files,
  coalesce(greatest(extract(epoch from now() - min(modification)), 0), 0)::float8 as oldest_waiting_seconds
from pg_ls_archive_statusdir()
where name like '%.ready'
