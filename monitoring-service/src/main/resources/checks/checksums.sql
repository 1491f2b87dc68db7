-- check: checksums
-- severity: info
-- title: Data checksums are off
-- advice: A page that rots on disk is served as if it were right: pg_checksums --enable in a maintenance window.
/* caretaker.check.checksums */
select
  name as object,
  'is ' || setting as evidence,
  null::text as fix
from pg_settings
where name = 'data_checksums'
  and setting <> 'on'
order by name
limit 1
