-- check: forced-vacuum
-- severity: warning
-- title: Tables that autovacuum soon must freeze whatever it costs
-- advice: Vacuum them in a quiet hour, before it comes in a busy one.
-- window: now
/* caretaker.check.forced-vacuum */
select
  format('%I.%I', n.nspname, c.relname) as object,
  age(c.relfrozenxid) || ' transactions old, forced at ' || current_setting('autovacuum_freeze_max_age') as evidence,
  format('vacuum (freeze) %I.%I', n.nspname, c.relname) as fix
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm', 't')
  and age(c.relfrozenxid) > current_setting('autovacuum_freeze_max_age')::int8 - 2000000
order by age(c.relfrozenxid) desc, 1
limit 20
