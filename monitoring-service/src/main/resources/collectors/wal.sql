-- collector: wal
-- pace: medium
-- needs: execute on pg_ls_waldir() (part of pg_monitor)
-- prefix: pg_wal_
-- gauge: segments Number of WAL segments
-- gauge: size_bytes Total size of WAL segments
/* caretaker.collect.wal */
select count(*) as segments, coalesce(sum(size), 0)::float8 as size_bytes
from pg_ls_waldir()
where name ~ '^[0-9A-F]{24}$'
