-- check: hba-rules
-- severity: critical
-- title: pg_hba.conf lets somebody in without a password or with a weak one
-- advice: Use scram-sha-256; trust only for local sockets that nobody else reaches.
-- needs: execute on pg_hba_file_rules() and select on pg_hba_file_rules (superuser, or granted)
/* caretaker.audit.hba-rules */
select
  'line ' || line_number as object,
  concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), address, auth_method) as evidence,
  null::text as fix
from pg_hba_file_rules
where auth_method in ('trust', 'password', 'md5', 'ident')
  and type <> 'local'
order by line_number
limit 100
