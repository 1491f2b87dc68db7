-- check: superusers
-- severity: info
-- title: Several roles are superusers
-- advice: An application needs none of it: take it away from all but the one for emergencies.
-- window: now
/* caretaker.check.superusers */
select
  format('%I', rolname) as object,
  'may log in as a superuser' as evidence,
  -- The one that the server was made with stays, or nobody would be left.
  case when oid <> 10 then format('alter role %I nosuperuser', rolname) end as fix
from (
  select oid, rolname, count(*) over () as number
  from pg_roles
  where rolsuper
    and rolcanlogin
) r
where number > 1
order by 1
limit 50
