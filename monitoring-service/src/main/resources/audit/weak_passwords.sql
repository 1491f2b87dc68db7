-- check: weak-passwords
-- severity: critical
-- title: Roles whose password is kept as MD5
-- advice: Set the password anew with password_encryption = scram-sha-256.
-- needs: select on pg_authid (superuser, or granted)
/* caretaker.audit.weak-passwords */
select
  rolname as object,
  'has an MD5 password' as evidence,
  null::text as fix
from pg_authid
where rolcanlogin
  -- Who has none is let in by none; who is let in without is told by hba-rules.
  and rolpassword like 'md5%'
order by rolname
limit 100
