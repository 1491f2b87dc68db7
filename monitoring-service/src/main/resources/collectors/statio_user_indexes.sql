-- collector: statio_user_indexes
-- pace: slow
-- top: indexrelid
-- prefix: pg_statio_user_indexes_
-- labels: schemaname, relname, indexrelname
-- counter: idx_blks_read_total Number of disk blocks read from this index
-- counter: idx_blks_hit_total Number of buffer hits in this index
/* caretaker.collect.statio_user_indexes */
with indexes as materialized (
  select c.oid as indexrelid, c.relpages::float8 as pages,
    pg_stat_get_blocks_fetched(c.oid)::float8 as blocks,
    pg_stat_get_blocks_hit(c.oid)::float8 as hits
  from pg_class c
  where c.relkind in ('i', 'I')
    and c.relnamespace not in (
      select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema') or nspname ~ '^pg_toast')
), weights as (
  select greatest(sum(pages), 1) as pages, greatest(sum(blocks), 1) as blocks
  from indexes
), picked as materialized (
  select i.indexrelid
  from indexes i
  cross join weights w
  order by (i.pages / w.pages + i.blocks / w.blocks)
    * case when i.indexrelid = any(cast(? as oid[])) then 1.5 else 1 end desc, i.indexrelid
  limit ?
), summed as (
  select coalesce(p.indexrelid, 0) as key, sum(i.blocks) as blocks, sum(i.hits) as hits
  from indexes i
  left join picked p on p.indexrelid = i.indexrelid
  group by 1
)
select
  s.key::text as indexrelid,
  coalesce(n.nspname, '') as schemaname,
  coalesce(c.relname, '') as relname,
  coalesce(x.relname, 'other') as indexrelname,
  s.blocks - s.hits as idx_blks_read_total,
  s.hits as idx_blks_hit_total
from summed s
left join pg_class x on x.oid = s.key
left join pg_namespace n on n.oid = x.relnamespace
left join pg_index i on i.indexrelid = s.key
left join pg_class c on c.oid = i.indrelid
order by s.key = 0, s.blocks desc, s.key
limit 1000
