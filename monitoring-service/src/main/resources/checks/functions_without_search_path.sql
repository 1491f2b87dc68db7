-- check: functions-without-search-path
-- severity: info
-- title: Functions with their owner's rights and no search_path of their own
-- advice: Who calls it decides what its names mean: alter function … set search_path = pg_catalog, …, pg_temp.
-- window: now
/* caretaker.check.functions-without-search-path */
select
  format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as object,
  'is security definer and has no search_path' as evidence,
  null::text as fix
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not exists (select 1 from unnest(coalesce(p.proconfig, '{}')) c where c like 'search_path=%')
order by 1
limit 100
