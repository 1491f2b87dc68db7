-- collector: stat_user_tables
-- pace: costly
-- top: relid
-- parts: stat_user_tables_parts.sql
-- degrades-to: stat_user_tables_total.sql
-- prefix: pg_stat_user_tables_
-- labels: datname, schemaname, relname
-- counter: seq_scan Number of sequential scans initiated on this table
-- counter: seq_tup_read Number of live rows fetched by sequential scans
-- counter: idx_scan Number of index scans initiated on this table
-- counter: idx_tup_fetch Number of live rows fetched by index scans
-- counter: n_tup_ins Number of rows inserted
-- counter: n_tup_upd Number of rows updated
-- counter: n_tup_del Number of rows deleted
-- counter: n_tup_hot_upd Number of rows HOT updated (i.e., with no separate index update required)
-- gauge: n_live_tup Estimated number of live rows
-- gauge: n_dead_tup Estimated number of dead rows
-- gauge: n_mod_since_analyze Estimated number of rows changed since last analyze
-- gauge: last_vacuum Last time at which this table was manually vacuumed (not counting VACUUM FULL)
-- gauge: last_autovacuum Last time at which this table was vacuumed by the autovacuum daemon
-- gauge: last_analyze Last time at which this table was manually analyzed
-- gauge: last_autoanalyze Last time at which this table was analyzed by the autovacuum daemon
-- counter: vacuum_count Number of times this table has been manually vacuumed (not counting VACUUM FULL)
-- counter: autovacuum_count Number of times this table has been vacuumed by the autovacuum daemon
-- counter: analyze_count Number of times this table has been manually analyzed
-- counter: autoanalyze_count Number of times this table has been analyzed by the autovacuum daemon
-- gauge: index_size_bytes Total disk space used by this index, in bytes
-- gauge: table_size_bytes Total disk space used by this table, in bytes
-- counter: heap_read=pg_statio_user_tables_heap_blocks_read Number of disk blocks read from this table
-- counter: heap_hit=pg_statio_user_tables_heap_blocks_hit Number of buffer hits in this table
-- counter: idx_read=pg_statio_user_tables_idx_blocks_read Number of disk blocks read from all indexes on this table
-- counter: idx_hit=pg_statio_user_tables_idx_blocks_hit Number of buffer hits in all indexes on this table
-- counter: toast_read=pg_statio_user_tables_toast_blocks_read Number of disk blocks read from this table's TOAST table (if any)
-- counter: toast_hit=pg_statio_user_tables_toast_blocks_hit Number of buffer hits in this table's TOAST table (if any)
-- counter: tidx_read=pg_statio_user_tables_tidx_blocks_read Number of disk blocks read from this table's TOAST table indexes (if any)
-- counter: tidx_hit=pg_statio_user_tables_tidx_blocks_hit Number of buffer hits in this table's TOAST table indexes (if any)
/* caretaker.collect.stat_user_tables */
-- Every table is summed up, the first few under their own names, all others in one row without a schema: sums stay right
-- and series stay few. Who is in stays until another outweighs it by half. Sizes from relpages: size functions open
-- every relation and wait behind DDL. Indexes and TOAST are a statement of their own: what planning and running the one
-- takes is given back before the session holds a reference to the statistics of each of the others.
with tables as materialized (
  select c.oid,
    c.relpages::float8 as pages,
    pg_stat_get_dead_tuples(c.oid)::float8 as dead,
    (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::float8
      as changed
  from pg_class c
  where c.relkind in ('r', 'm', 'p')
    and c.relnamespace not in (
      select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema') or nspname ~ '^pg_toast')
), weights as (
  select greatest(sum(pages), 1) as pages, greatest(sum(dead), 1) as dead, greatest(sum(changed), 1) as changed
  from tables
), picked as materialized (
  select t.oid
  from tables t
  cross join weights w
  order by (t.pages / w.pages + t.dead / w.dead + t.changed / w.changed)
    * case when t.oid = any(cast(? as oid[])) then 1.5 else 1 end desc, t.oid
  limit ?
), heap as (
  select coalesce(p.oid, 0) as key,
    count(*) as tables,
    sum(pg_stat_get_numscans(t.oid)) as seq_scan,
    sum(pg_stat_get_tuples_returned(t.oid)) as seq_tup_read,
    sum(pg_stat_get_tuples_fetched(t.oid)) as idx_tup_fetch,
    sum(pg_stat_get_tuples_inserted(t.oid)) as n_tup_ins,
    sum(pg_stat_get_tuples_updated(t.oid)) as n_tup_upd,
    sum(pg_stat_get_tuples_deleted(t.oid)) as n_tup_del,
    sum(pg_stat_get_tuples_hot_updated(t.oid)) as n_tup_hot_upd,
    sum(pg_stat_get_live_tuples(t.oid)) as n_live_tup,
    sum(t.dead) as n_dead_tup,
    sum(pg_stat_get_mod_since_analyze(t.oid)) as n_mod_since_analyze,
    sum(pg_stat_get_vacuum_count(t.oid)) as vacuum_count,
    sum(pg_stat_get_autovacuum_count(t.oid)) as autovacuum_count,
    sum(pg_stat_get_analyze_count(t.oid)) as analyze_count,
    sum(pg_stat_get_autoanalyze_count(t.oid)) as autoanalyze_count,
    sum(pg_stat_get_blocks_fetched(t.oid)) as blocks,
    sum(pg_stat_get_blocks_hit(t.oid)) as hits,
    sum(t.pages) as pages
  from tables t
  left join picked p on p.oid = t.oid
  group by 1
)
select
  h.key::text as relid,
  h.tables,
  current_database() as datname,
  coalesce(n.nspname, '') as schemaname,
  coalesce(c.relname, 'other') as relname,
  h.seq_scan,
  h.seq_tup_read,
  h.idx_tup_fetch,
  h.n_tup_ins,
  h.n_tup_upd,
  h.n_tup_del,
  h.n_tup_hot_upd,
  h.n_live_tup,
  h.n_dead_tup,
  h.n_mod_since_analyze,
  case when h.key <> 0 then coalesce(extract(epoch from pg_stat_get_last_vacuum_time(h.key)), 0) end::float8 as last_vacuum,
  case when h.key <> 0 then coalesce(extract(epoch from pg_stat_get_last_autovacuum_time(h.key)), 0) end::float8
    as last_autovacuum,
  case when h.key <> 0 then coalesce(extract(epoch from pg_stat_get_last_analyze_time(h.key)), 0) end::float8 as last_analyze,
  case when h.key <> 0 then coalesce(extract(epoch from pg_stat_get_last_autoanalyze_time(h.key)), 0) end::float8
    as last_autoanalyze,
  h.vacuum_count,
  h.autovacuum_count,
  h.analyze_count,
  h.autoanalyze_count,
  h.pages * current_setting('block_size')::float8 as table_size_bytes,
  h.blocks - h.hits as heap_read,
  h.hits as heap_hit
from heap h
left join pg_class c on c.oid = h.key
left join pg_namespace n on n.oid = c.relnamespace
order by h.key = 0, h.pages desc, h.key
limit 1000
