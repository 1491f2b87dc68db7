-- check: invalid-constraints
-- severity: warning
-- title: Constraints that were never validated
-- advice: Old rows may break them: validate; it reads the table under a light lock.
-- window: now
/* caretaker.check.invalid-constraints */
select
  format('%I.%I %I', n.nspname, c.relname, k.conname) as object,
  'is not validated' as evidence,
  format('alter table %I.%I validate constraint %I', n.nspname, c.relname, k.conname) as fix
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where not k.convalidated
  -- PostgreSQL 18: one that is not enforced cannot be validated.
  and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
order by 1
limit 100
