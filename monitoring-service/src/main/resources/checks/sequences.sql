-- check: sequences
-- severity: warning
-- title: Sequences that have used more than 80 % of what their column holds
-- advice: Change the column to bigint before it is full: inserts fail when it is.
-- needs: select or usage on the sequences
-- sees: select not exists (select 1 from pg_sequences s where s.last_value is null
-- sees:   and not has_sequence_privilege(format('%I.%I', s.schemaname, s.sequencename), 'usage, select'))
/* caretaker.check.sequences */
select
  format('%I.%I', s.schemaname, s.sequencename) as object,
  'is at ' || s.last_value || ' of ' || limits.most as evidence,
  null::text as fix
from pg_sequences s
join pg_namespace n on n.nspname = s.schemaname
join pg_class c on c.relname = s.sequencename and c.relnamespace = n.oid
left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass and d.refobjsubid > 0
left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
cross join lateral (
  select least(s.max_value, case a.atttypid
    when 'int4'::regtype then 2147483647
    when 'int2'::regtype then 32767
    else 9223372036854775807
  end) as most
) limits
where s.last_value > 0.8 * limits.most
order by 1
limit 100
