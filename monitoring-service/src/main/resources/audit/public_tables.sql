-- check: public-tables
-- severity: warning
-- title: Tables that everybody may read or change
-- advice: Grant to roles, not to PUBLIC.
/* caretaker.audit.public-tables */
select
  format('%I.%I', n.nspname, c.relname) as object,
  'PUBLIC has ' || string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as evidence,
  format('revoke all on %I.%I from public', n.nspname, c.relname) as fix
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral aclexplode(c.relacl) a
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema')
  and a.grantee = 0
  -- What an extension brings is its own affair, such as pg_stat_statements' views.
  and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
group by n.nspname, c.relname
order by n.nspname, c.relname
limit 100
