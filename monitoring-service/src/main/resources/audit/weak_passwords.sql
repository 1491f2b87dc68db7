-- check: weak-passwords
-- severity: critical
-- title: Roles whose password is kept as MD5, or that have none
-- advice: Set the password anew with password_encryption = scram-sha-256.
-- needs: select on pg_authid (superuser, or granted)
/* caretaker.audit.weak-passwords */
select
  rolname as object,
  case when rolpassword is null then 'has no password' else 'has an MD5 password' end as evidence,
  null::text as fix
from pg_authid
where rolcanlogin
  and (rolpassword is null or rolpassword like 'md5%')
order by rolname
limit 100
