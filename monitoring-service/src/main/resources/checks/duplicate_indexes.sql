-- check: duplicate-indexes
-- severity: info
-- title: Indexes that do the same as another
-- advice: Drop one of each pair: every write pays for both.
/* caretaker.check.duplicate-indexes */
-- Few tables have two indexes on the same columns: all else is compared for those only, or every index would be in memory.
with twice as materialized (
  select indrelid
  from pg_index
  group by indrelid
  having count(*) > count(distinct indkey::text)
)
select
  format('%I.%I', nspname, names[1]) as object,
  'has the same definition as ' || array_to_string(names[2:], ', ') as evidence,
  format('drop index concurrently %I.%I', nspname, names[1]) as fix
from (
  select n.nspname,
    -- The first is to go: none that logical replication goes by, or that is a part of a partitioned index.
    array_agg(c.relname::text order by needed.it, c.relname desc) as names
  from twice t
  join pg_index i on i.indrelid = t.indrelid
  join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select i.indisreplident or c.relispartition as it
  ) needed
  where i.indisvalid
    and c.relkind = 'i'
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_toast'
    and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
  group by n.nspname, i.indrelid, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
    -- As stored, but for where it stood in the statement: pg_get_expr would wait behind DDL.
    coalesce(regexp_replace(i.indexprs::text, ':location -?[0-9]+', '', 'g'), ''),
    coalesce(regexp_replace(i.indpred::text, ':location -?[0-9]+', '', 'g'), ''), i.indisunique,
    -- PostgreSQL 15: whether two nulls are the same.
    to_jsonb(i) ->> 'indnullsnotdistinct'
  having count(*) > 1
    and not bool_and(needed.it)
) same
order by 1
limit 100
