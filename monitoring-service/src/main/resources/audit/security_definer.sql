-- check: security-definer
-- severity: critical
-- title: SECURITY DEFINER functions and procedures without a search_path of their own
-- advice: The caller's search_path decides which table or function such a function finds, with its owner's rights.
/* caretaker.audit.security-definer */
select
  format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as object,
  'runs with the rights of its owner and the search_path of its caller' as evidence,
  -- pg_temp is searched first unless it is named, and there everybody may create tables.
  format('alter routine %I.%I(%s) set search_path = pg_catalog, %I, pg_temp', n.nspname, p.proname,
    pg_get_function_identity_arguments(p.oid), n.nspname) as fix
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not exists (select 1 from unnest(p.proconfig) setting where setting like 'search_path=%')
  and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by 1
limit 100
