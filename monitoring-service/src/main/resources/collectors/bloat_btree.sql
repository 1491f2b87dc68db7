-- collector: bloat_btree
-- pace: slow
-- prefix: pg_bloat_btree_
-- labels: schemaname, tblname, idxname
-- gauge: bloat_pct Estimated share of the index that holds no entries, in percent
-- gauge: real_size Size of the index in bytes
/* caretaker.collect.bloat_btree */
-- As for tables, for the largest B-trees on plain columns. Deduplicated entries make an index smaller than estimated,
-- never bloated.
with largest as materialized (
  select x.oid, n.nspname, t.relname as tblname, x.relname as idxname, x.relpages, x.reltuples, i.indrelid,
    i.indkey::int2[] as keys,
    coalesce(substring(array_to_string(x.reloptions, ' ') from 'fillfactor=([0-9]+)')::float8, 90) / 100 as fill
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = t.relnamespace
  join pg_am a on a.oid = x.relam and a.amname = 'btree'
  where x.relpages > 100
    and x.reltuples > 0
    and i.indexprs is null
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_toast'
  order by x.relpages desc, x.oid
  limit 20
), widths as (
  select l.oid, sum((1 - s.null_frac) * s.avg_width) as width, count(*) as known
  from largest l
  join pg_attribute a on a.attrelid = l.indrelid and a.attnum = any(l.keys)
  cross join lateral (
    -- Table by table: joined as a whole, the view asks for the grants on every column of every table, and remembers them.
    select null_frac, avg_width
    from pg_stats
    where schemaname = l.nspname
      and tablename = l.tblname
      and attname = a.attname
      and not inherited
    offset 0
  ) s
  group by l.oid
), estimate as (
  -- 24 bytes of page header and 16 of the B-tree's own; each entry a line pointer, a header of 8, and padding to 8.
  select l.*, ceil(1 + l.reltuples * (4 + ceil((8 + w.width) / 8) * 8)
    / ((current_setting('block_size')::float8 - 40) * l.fill)) as needed
  from largest l
  join widths w on w.oid = l.oid and w.known = cardinality(l.keys)
)
select nspname as schemaname, tblname, idxname,
  round((100 * greatest(0, relpages - needed) / relpages)::numeric, 1) as bloat_pct,
  relpages::float8 * current_setting('block_size')::float8 as real_size
from estimate
order by relpages desc, schemaname, idxname
