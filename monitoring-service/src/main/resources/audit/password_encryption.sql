-- check: password-encryption
-- severity: warning
-- title: New passwords are not kept as scram-sha-256
-- advice: Set password_encryption and let everybody set the password anew.
/* caretaker.audit.password-encryption */
select
  name as object,
  'is ' || setting as evidence,
  'alter system set password_encryption = ''scram-sha-256''' as fix
from pg_settings
where name = 'password_encryption'
  and setting <> 'scram-sha-256'
order by name
limit 1
