-- check: superusers
-- severity: warning
-- title: Superusers that may log in, besides the one the server was made with
-- advice: Give the application and people roles that own or are granted what they need; a superuser passes every check.
/* caretaker.audit.superusers */
select
  rolname as object,
  'is a superuser and may log in' as evidence,
  format('alter role %I nosuperuser', rolname) as fix
from pg_roles
where rolsuper
  and rolcanlogin
  and oid <> 10
order by rolname
limit 100
