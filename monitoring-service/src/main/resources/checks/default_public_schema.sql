-- check: default-public-schema
-- severity: info
-- title: Everybody may create objects in the schema public
-- advice: A foreign function there may be called in place of yours.
-- window: now
/* caretaker.check.default-public-schema */
select
  format('%I', nspname) as object,
  'create is granted to public' as evidence,
  format('revoke create on schema %I from public', nspname) as fix
from pg_namespace n
where exists (
  select 1
  from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
  where a.grantee = 0
    and a.privilege_type = 'CREATE')
order by 1
limit 100
