-- check: disabled-triggers
-- severity: warning
-- title: Triggers that are disabled
-- advice: Disabled for a migration and forgotten? What it should keep right is not kept.
-- window: now
/* caretaker.check.disabled-triggers */
select
  format('%I.%I %I', n.nspname, c.relname, t.tgname) as object,
  'is disabled' as evidence,
  format('alter table %I.%I enable trigger %I', n.nspname, c.relname, t.tgname) as fix
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where t.tgenabled = 'D'
order by 1
limit 100
