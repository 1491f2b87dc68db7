-- check: cache-hit-ratio
-- severity: info
-- title: Fewer than 90 % of the blocks come from memory
-- advice: More shared_buffers, an index for the query that reads most, or a workload that is larger than memory.
-- needs: track_counts on
-- setting: track_counts
/* caretaker.check.cache-hit-ratio */
select
  datname as object,
  round(100.0 * blks_hit / (blks_hit + blks_read), 1) || ' % since '
    || coalesce(stats_reset::text, 'the server began to count') as evidence,
  null::text as fix
from pg_stat_database
where datname = current_database()
  and blks_hit + blks_read > 1000000
  and blks_hit < 0.9 * (blks_hit + blks_read)
order by datname
limit 1
