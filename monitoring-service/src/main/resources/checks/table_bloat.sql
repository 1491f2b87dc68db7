-- check: table-bloat
-- severity: info
-- title: Large tables that are estimated to be more than half empty
-- advice: If it does not fill again: pg_repack, or vacuum full in a maintenance window; it locks the table.
-- needs: select on the tables (grant pg_read_all_data), for the planner's statistics
-- sees: select not exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
-- sees:   where c.relkind in ('r', 'm') and c.relpages > 12800 and n.nspname not in ('pg_catalog', 'information_schema')
-- sees:   and (not has_table_privilege(c.oid, 'select') or row_security_active(c.oid)))
-- window: estimated at the last analyze
/* caretaker.check.table-bloat */
with large as materialized (
  select c.oid, n.nspname, c.relname, c.relpages::float8 as pages, c.reltuples
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm')
    and c.relpages > 12800
    and c.reltuples > 0
    and n.nspname not in ('pg_catalog', 'information_schema')
  order by c.relpages desc, c.oid
  limit 100
), widths as (
  select l.oid, sum((1 - s.null_frac) * s.avg_width) as width
  from large l
  join pg_stats s on s.schemaname = l.nspname and s.tablename = l.relname and not s.inherited
  group by l.oid
), estimate as (
  select l.*, ceil(l.reltuples * (28 + ceil(w.width / 8) * 8) / (current_setting('block_size')::float8 - 24)) as needed
  from large l
  join widths w on w.oid = l.oid
)
select
  format('%I.%I', nspname, relname) as object,
  'about ' || pg_size_pretty(((pages - needed) * current_setting('block_size')::float8)::int8) || ' of '
    || pg_size_pretty((pages * current_setting('block_size')::float8)::int8) || ' are empty' as evidence,
  null::text as fix
from estimate
where needed < 0.5 * pages
order by pages - needed desc, 1
limit 20
