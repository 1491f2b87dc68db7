-- check: prepared-transactions
-- severity: warning
-- title: Prepared transactions older than 10 minutes
-- advice: Nobody will finish it by himself: commit or roll it back, it holds its locks and the vacuum horizon.
/* caretaker.check.prepared-transactions */
select
  gid as object,
  'prepared ' || prepared as evidence,
  format('rollback prepared %L', gid) as fix
from pg_prepared_xacts
where prepared < clock_timestamp() - interval '10 minutes'
order by prepared, gid
limit 100
