-- check: add-index-candidates
-- severity: info
-- title: Filters without an index, as pg_qualstats saw them
-- advice: Try the index with hypopg, or on a copy, before you build it.
-- needs: the extension pg_qualstats and the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- window: since pg_qualstats was last reset
/* caretaker.check.add-index-candidates */
select
  format('%I.%I %I', n.nspname, c.relname, a.attname) as object,
  q.occurences || ' filters on the column without an index' as evidence,
  format('create index concurrently on %I.%I (%I)', n.nspname, c.relname, a.attname) as fix
from (
  select lrelid, lattnum, sum(occurences) as occurences
  from pg_qualstats()
  where dbid = (select oid from pg_database where datname = current_database())
    and lrelid is not null
    and eval_type = 'f'
  group by lrelid, lattnum
) q
join pg_class c on c.oid = q.lrelid and c.reltuples > 10000
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = q.lrelid and a.attnum = q.lattnum
where not exists (select 1 from pg_index i where i.indrelid = q.lrelid and i.indkey[0] = q.lattnum)
order by q.occurences desc, 1
limit 20
