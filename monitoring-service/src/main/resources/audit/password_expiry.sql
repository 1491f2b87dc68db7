-- check: password-expiry
-- severity: info
-- title: Roles that may log in and whose password never expires
-- advice: Set an expiry for roles that people use; leave services' roles out on purpose, not by default.
/* caretaker.audit.password-expiry */
select
  rolname as object,
  'its password has no expiry' as evidence,
  null::text as fix
from pg_roles
where rolcanlogin
  and (rolvaliduntil is null or rolvaliduntil = 'infinity')
  and oid <> 10
order by rolname
limit 100
