-- collector: stat_archiver
-- pace: medium
-- prefix: pg_stat_archiver_
-- counter: archived_count Number of WAL files that have been successfully archived
-- counter: failed_count Number of failed attempts for archiving WAL files
-- gauge: last_archive_age Time in seconds since last WAL segment was successfully archived
/* caretaker.collect.stat_archiver */
select
  archived_count,
  failed_count,
  extract(epoch from now() - last_archived_time)::float8 as last_archive_age
from pg_stat_archiver
