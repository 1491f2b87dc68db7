-- check: server-tls
-- severity: warning
-- title: The server speaks no TLS
-- advice: Set ssl = on with a certificate; on one machine alone it may stay off.
/* caretaker.audit.server-tls */
select
  'ssl' as object,
  'is ' || setting as evidence,
  'alter system set ssl = on' as fix
from pg_settings
where name = 'ssl'
  and setting <> 'on'
order by name
limit 1
