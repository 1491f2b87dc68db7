-- check: superusers
-- severity: info
-- title: Several roles are superusers
-- advice: An application needs none of it: take it away from all but the one for emergencies.
-- window: now
/* caretaker.check.superusers */
select format('%I', rolname) as object, 'may log in as a superuser' as evidence, format('alter role %I nosuperuser', rolname) as fix
from (
  select rolname, count(*) over () as number
  from pg_roles
  where rolsuper
    and rolcanlogin
) r
where number > 1
order by 1
limit 50
