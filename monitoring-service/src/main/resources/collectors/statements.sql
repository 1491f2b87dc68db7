-- collector: statements
-- pace: medium
-- needs: the extension pg_stat_statements (shared_preload_libraries, then create extension) and the grant pg_read_all_stats (part of pg_monitor)
/* caretaker.collect.statements */
-- Numbers first, texts only of the rows that are shown: asking for all texts reads the whole text file.
with top as materialized (
  select s.userid, s.dbid, s.queryid, s.calls, s.total_exec_time, s.mean_exec_time, s.rows,
    s.shared_blks_hit, s.shared_blks_read, s.temp_blks_written
  from pg_stat_statements(false) s
  where s.dbid = (select oid from pg_database where datname = current_database())
    and s.queryid is not null
  order by s.total_exec_time desc, s.queryid
  limit 10
)
select
  top.queryid::text as query_id,
  coalesce(r.rolname, '') as "user",
  top.calls,
  top.total_exec_time as total_ms,
  top.mean_exec_time as mean_ms,
  top.rows,
  top.shared_blks_hit,
  top.shared_blks_read,
  top.temp_blks_written
from top
left join pg_roles r on r.oid = top.userid
order by top.total_exec_time desc, top.queryid
