-- check: nested-views
-- severity: info
-- title: Views on views on views
-- advice: The planner sees one huge query: look at the plan before you build another on top.
-- window: now
/* caretaker.check.nested-views */
with recursive uses as (
  select distinct r.ev_class as view, d.refobjid as used
  from pg_rewrite r
  join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
  join pg_class c on c.oid = d.refobjid and c.relkind = 'v'
  join pg_class v on v.oid = r.ev_class
  join pg_namespace n on n.oid = v.relnamespace
  where d.refobjid <> r.ev_class
    and n.nspname not in ('pg_catalog', 'information_schema')
), depth as (
  select view, used, 2 as levels from uses
  union all
  select d.view, u.used, d.levels + 1
  from depth d
  join uses u on u.view = d.used
  where d.levels < 10
)
select format('%I.%I', n.nspname, c.relname) as object, max(d.levels) || ' levels of views' as evidence, null::text as fix
from depth d
join pg_class c on c.oid = d.view
join pg_namespace n on n.oid = c.relnamespace
group by 1
having max(d.levels) > 3
order by max(d.levels) desc, 1
limit 50
