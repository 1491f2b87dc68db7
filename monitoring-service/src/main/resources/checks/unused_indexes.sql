-- check: unused-indexes
-- severity: info
-- title: Large indexes that no query has used since the statistics began
-- advice: Drop it only after a whole business cycle, and not if a standby uses it.
-- needs: track_counts on
-- setting: track_counts
/* caretaker.check.unused-indexes */
select
  format('%I.%I', s.schemaname, s.indexrelname) as object,
  'not used since ' || coalesce((
      select stats_reset::text from pg_stat_database where datname = current_database()), 'the server began to count')
    || ', ' || pg_size_pretty(c.relpages::int8 * current_setting('block_size')::int8) as evidence,
  format('drop index concurrently %I.%I', s.schemaname, s.indexrelname) as fix
from pg_stat_user_indexes s
join pg_index i on i.indexrelid = s.indexrelid
join pg_class c on c.oid = s.indexrelid
where s.idx_scan = 0
  and not i.indisunique
  and i.indisvalid
  and c.relpages > 1000
  -- One that keeps a constraint, or is a part of a partitioned index, does not go alone.
  and not c.relispartition
  and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
order by c.relpages desc, 1
limit 20
