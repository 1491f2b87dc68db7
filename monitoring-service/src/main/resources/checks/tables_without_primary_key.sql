-- check: tables-without-primary-key
-- severity: info
-- title: Tables without a primary key
-- advice: Rows cannot be named: logical replication, batched clean-up and plain repair all need a key.
/* caretaker.check.tables-without-primary-key */
select
  format('%I.%I', n.nspname, c.relname) as object,
  'has no primary key' as evidence,
  null::text as fix
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname !~ '^pg_'
  and not exists (select 1 from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')
order by 1
limit 100
