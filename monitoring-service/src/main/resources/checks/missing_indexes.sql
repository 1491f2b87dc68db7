-- check: missing-indexes
-- severity: info
-- title: Large tables that are mostly read from end to end
-- advice: See which statement reads it and by which column; an index on that column lets it read only what it needs.
-- needs: track_counts on
-- setting: track_counts
-- window: since the statistics began
/* caretaker.check.missing-indexes */
select
  format('%I.%I', schemaname, relname) as object,
  seq_scan || ' sequential scans beside ' || coalesce(idx_scan, 0) || ' by index, ' || round(seq_tup_read / seq_scan)
    || ' rows each' as evidence,
  null::text as fix
from pg_stat_user_tables
where n_live_tup > 10000
  and seq_scan > 100
  and seq_scan > 0.05 * (seq_scan + coalesce(idx_scan, 0))
  and seq_tup_read > 1000 * seq_scan
order by seq_tup_read desc, 1
limit 20
