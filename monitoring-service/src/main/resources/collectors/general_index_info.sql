-- collector: general_index_info
-- pace: slow
-- prefix: pg_general_index_info_
-- labels: relname, indexrelname
-- gauge: pg_relation_size Size in bytes of an index that is invalid or was left behind by reindex concurrently
/* caretaker.collect.general_index_info */
select t.relname, x.relname as indexrelname,
  x.relpages::float8 * current_setting('block_size')::float8 as pg_relation_size
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class t on t.oid = i.indrelid
where not i.indisvalid
  or x.relname ~ '_cc(new|old)[0-9]*$'
order by x.relpages desc, x.oid
limit 20
