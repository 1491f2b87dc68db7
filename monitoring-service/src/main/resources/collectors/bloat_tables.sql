-- collector: bloat_tables
-- pace: slow
-- prefix: pg_bloat_table_
-- labels: schemaname, relname
-- gauge: bloat_pct Estimated share of the table that holds no rows, in percent
-- gauge: real_size Size of the table in bytes
/* caretaker.collect.bloat_tables */
-- An estimate from the planner's statistics, for the largest tables; it reads no table. A table whose statistics cannot be
-- read (no analyze yet, or no select on it) is left out, not taken for whole.
with largest as materialized (
  select c.oid, n.nspname, c.relname, c.relpages, c.reltuples,
    coalesce(substring(array_to_string(c.reloptions, ' ') from 'fillfactor=([0-9]+)')::float8, 100) / 100 as fill
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm')
    and c.relpages > 100
    and c.reltuples > 0
    and n.nspname not in ('pg_catalog', 'information_schema')
  order by c.relpages desc, c.oid
  limit 20
), widths as (
  select l.oid, sum((1 - s.null_frac) * s.avg_width) as width, count(*) as known, max(s.null_frac) as nulls
  from largest l
  cross join lateral (
    -- Table by table: joined as a whole, the view asks for the grants on every column of every table, and remembers them.
    select null_frac, avg_width
    from pg_stats
    where schemaname = l.nspname
      and tablename = l.relname
      and not inherited
    offset 0
  ) s
  group by l.oid
), columns as (
  select l.oid, count(*) as number
  from largest l
  join pg_attribute a on a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped
  group by l.oid
), estimate as (
  -- 24 bytes of page header; each row a line pointer, a header with its null bitmap, and padding to 8.
  select l.*, ceil(
      l.reltuples * (4 + ceil((23 + case when w.nulls > 0 then (c.number + 7) / 8 else 0 end + w.width) / 8) * 8)
      / ((current_setting('block_size')::float8 - 24) * l.fill)) as needed
  from largest l
  join widths w on w.oid = l.oid
  join columns c on c.oid = l.oid and c.number = w.known
)
select nspname as schemaname, relname,
  round((100 * greatest(0, relpages - needed) / relpages)::numeric, 1) as bloat_pct,
  relpages::float8 * current_setting('block_size')::float8 as real_size
from estimate
order by relpages desc, schemaname, relname
