-- check: temp-files
-- severity: info
-- title: Queries write much to temporary files
-- advice: Find the statement that sorts or hashes more than work_mem; more memory for it, or an index that gives the order.
-- needs: track_counts on
-- setting: track_counts
-- window: since the statistics began
/* caretaker.check.temp-files */
select
  datname as object,
  temp_files || ' files, ' || pg_size_pretty(temp_bytes) || ' since ' || coalesce(stats_reset::text, 'the server began to count')
    as evidence,
  null::text as fix
from pg_stat_database
where datname = current_database()
  and temp_bytes > 1073741824
  and temp_bytes / greatest(1, extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time()))) > 12427
order by datname
limit 1
