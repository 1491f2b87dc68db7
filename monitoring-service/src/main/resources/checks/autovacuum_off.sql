-- check: autovacuum-off
-- severity: warning
-- title: Autovacuum is off, for the server or for a table
-- advice: Dead rows pile up, and wraparound comes: switch it on.
-- window: now
/* caretaker.check.autovacuum-off */
select 'the server' as object, 'autovacuum or track_counts is off' as evidence, 'alter system set autovacuum = on' as fix
where current_setting('autovacuum') = 'off'
  or current_setting('track_counts') = 'off'
union all
(select format('%I.%I', n.nspname, c.relname), array_to_string(c.reloptions, ', '),
  format('alter table %I.%I reset (autovacuum_enabled)', n.nspname, c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm')
  -- As it was written: false, off, no, 0, in any case, or the beginning of one.
  and exists (
    select 1
    from pg_options_to_table(c.reloptions) o
    where o.option_name = 'autovacuum_enabled'
      and not o.option_value::boolean)
order by 1
limit 50)
