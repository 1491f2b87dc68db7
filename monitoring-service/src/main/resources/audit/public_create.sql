-- check: public-create
-- severity: critical
-- title: Schemas in which everybody may create objects
-- advice: Who may create in a schema on the search path can put a function before yours.
/* caretaker.audit.public-create */
select
  n.nspname as object,
  'PUBLIC may create in it' as evidence,
  format('revoke create on schema %I from public', n.nspname) as fix
from pg_namespace n
cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
where a.grantee = 0
  and a.privilege_type = 'CREATE'
order by n.nspname
limit 100
