-- check: index-bloat
-- severity: info
-- title: Large B-trees that are estimated to be more than half empty
-- advice: Build it again beside the old one; nothing is locked for long.
-- needs: select on the tables (grant pg_read_all_data), for the planner's statistics
-- sees: select not exists (select 1 from pg_index i join pg_class x on x.oid = i.indexrelid
-- sees:   join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
-- sees:   where x.relpages > 12800 and n.nspname not in ('pg_catalog', 'information_schema')
-- sees:   and (not has_table_privilege(c.oid, 'select') or row_security_active(c.oid)))
-- window: estimated at the last analyze
/* caretaker.check.index-bloat */
with large as materialized (
  select x.oid, n.nspname, t.relname as table_name, x.relname, x.relpages::float8 as pages, x.reltuples, i.indrelid,
    i.indkey::int2[] as keys
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = t.relnamespace
  join pg_am a on a.oid = x.relam and a.amname = 'btree'
  where x.relpages > 12800
    and x.reltuples > 0
    and i.indexprs is null
    and n.nspname not in ('pg_catalog', 'information_schema')
  order by x.relpages desc, x.oid
  limit 100
), widths as (
  select l.oid, sum((1 - s.null_frac) * s.avg_width) as width, count(*) as known
  from large l
  join pg_attribute a on a.attrelid = l.indrelid and a.attnum = any(l.keys)
  join pg_stats s on s.schemaname = l.nspname and s.tablename = l.table_name and s.attname = a.attname and not s.inherited
  group by l.oid
), estimate as (
  select l.*, ceil(l.reltuples * (4 + ceil((8 + w.width) / 8) * 8) / ((current_setting('block_size')::float8 - 40) * 0.9))
    as needed
  from large l
  join widths w on w.oid = l.oid and w.known = cardinality(l.keys)
)
select
  format('%I.%I', nspname, relname) as object,
  'about ' || pg_size_pretty(((pages - needed) * current_setting('block_size')::float8)::int8) || ' of '
    || pg_size_pretty((pages * current_setting('block_size')::float8)::int8) || ' are empty' as evidence,
  format('reindex index concurrently %I.%I', nspname, relname) as fix
from estimate
where needed < 0.5 * pages
order by pages - needed desc, 1
limit 20
