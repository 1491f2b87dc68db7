-- collector: stat_user_tables
-- pace: costly
/* caretaker.collect.stat_user_tables_parts */
-- The indexes and the TOAST of the tables that are named, given by their OIDs, and of all others in one row. One pass over
-- pg_class, without joins that would hold every relation in memory: whose part one is matters for the first few only.
-- What initdb made has OIDs below 16384.
with keys as materialized (
  select c.oid as key, c.reltoastrelid as toast
  from pg_class c
  where c.oid = any(cast(? as oid[]))
), members as materialized (
  select k.toast as oid, k.key
  from keys k
  where k.toast <> 0
  union all
  select i.indexrelid, k.key
  from keys k
  join pg_index i on i.indrelid in (k.key, k.toast)
), sides as (
  select key,
    sum(pg_stat_get_numscans(oid)) filter (where part = 'index') as idx_scan,
    sum(pg_stat_get_tuples_fetched(oid)) filter (where part = 'index') as idx_tup_fetch,
    sum(pg_stat_get_blocks_fetched(oid)) filter (where part = 'index') as idx_blocks,
    sum(pg_stat_get_blocks_hit(oid)) filter (where part = 'index') as idx_hits,
    sum(pages) filter (where part = 'index') as idx_pages,
    sum(pg_stat_get_blocks_fetched(oid)) filter (where part = 'toast') as toast_blocks,
    sum(pg_stat_get_blocks_hit(oid)) filter (where part = 'toast') as toast_hits,
    sum(pages) filter (where part = 'toast') as toast_pages,
    sum(pg_stat_get_blocks_fetched(oid)) filter (where part = 'toast index') as tidx_blocks,
    sum(pg_stat_get_blocks_hit(oid)) filter (where part = 'toast index') as tidx_hits
  from (
    select coalesce(m.key, 0) as key,
      c.oid,
      c.relpages::float8 as pages,
      case
        when c.relkind = 't' then 'toast'
        when c.relnamespace in (select oid from pg_namespace where nspname ~ '^pg_toast') then 'toast index'
        else 'index'
      end as part
    from pg_class c
    left join members m on m.oid = c.oid
    where c.relkind in ('i', 't')
      and c.oid >= 16384
      and c.relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))
    -- Keeps the conditions from being evaluated anew in each of the sums.
    offset 0
  ) parts
  group by key
)
select
  k.key::text as relid,
  coalesce(s.idx_scan, 0) as idx_scan,
  coalesce(s.idx_tup_fetch, 0) as idx_tup_fetch,
  coalesce(s.idx_pages, 0) * size.block as index_size_bytes,
  coalesce(s.toast_pages, 0) * size.block as table_size_bytes,
  coalesce(s.idx_blocks - s.idx_hits, 0) as idx_read,
  coalesce(s.idx_hits, 0) as idx_hit,
  coalesce(s.toast_blocks - s.toast_hits, 0) as toast_read,
  coalesce(s.toast_hits, 0) as toast_hit,
  coalesce(s.tidx_blocks - s.tidx_hits, 0) as tidx_read,
  coalesce(s.tidx_hits, 0) as tidx_hit
from (
  select key
  from keys
  union all
  select 0
) k
left join sides s on s.key = k.key
cross join (select current_setting('block_size')::float8 as block) size
order by k.key = 0, k.key
limit 1000
