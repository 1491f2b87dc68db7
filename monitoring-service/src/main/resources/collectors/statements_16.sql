-- collector: statements
-- pace: costly
-- versions: 0-169999
-- top: statement
-- needs: the extension pg_stat_statements (shared_preload_libraries, then create extension) and the grant pg_read_all_stats (part of pg_monitor)
-- prefix: pg_stat_statements_
-- labels: user, datname, queryid
-- counter: calls_total Number of times executed
-- counter: seconds_total Total time spent in the statement, in seconds
-- counter: rows_total Total number of rows retrieved or affected by the statement
-- counter: block_read_seconds_total Total time the statement spent reading blocks, in seconds
-- counter: block_write_seconds_total Total time the statement spent writing blocks, in seconds
/* caretaker.collect.statements */
-- Without texts: asking for them reads the server's whole text file. All but the first are one row, so that sums stay right.
with statements as materialized (
  select s.userid || ':' || s.dbid || ':' || s.queryid as statement, s.userid, s.dbid, s.queryid,
    sum(s.calls) as calls,
    sum(s.total_exec_time) as total_ms,
    sum(s.rows) as rows,
    sum(s.shared_blks_hit) as shared_blks_hit,
    sum(s.shared_blks_read) as shared_blks_read,
    sum(s.temp_blks_written) as temp_blks_written,
    sum(s.blk_read_time) as read_ms,
    sum(s.blk_write_time) as write_ms
  from pg_stat_statements(false) s
  where s.queryid is not null
  group by s.userid, s.dbid, s.queryid
), picked as materialized (
  select statement
  from statements
  order by total_ms * case when statement = any(cast(? as text[])) then 1.5 else 1 end desc, statement
  limit ?
), summed as (
  select coalesce(p.statement, '') as statement,
    min(s.userid::int8)::oid as userid, min(s.dbid::int8)::oid as dbid, min(s.queryid) as queryid,
    sum(s.calls) as calls, sum(s.total_ms) as total_ms, sum(s.rows) as rows, sum(s.shared_blks_hit) as shared_blks_hit,
    sum(s.shared_blks_read) as shared_blks_read, sum(s.temp_blks_written) as temp_blks_written, sum(s.read_ms) as read_ms,
    sum(s.write_ms) as write_ms
  from statements s
  left join picked p on p.statement = s.statement
  group by 1
)
select
  s.statement,
  case when s.statement = '' then 'other' else s.queryid::text end as queryid,
  case when s.statement <> '' then coalesce(r.rolname, 'unknown') else '' end as "user",
  case when s.statement <> '' then coalesce(d.datname, 'unknown') else '' end as datname,
  s.statement <> '' and d.datname = current_database() as own,
  s.calls,
  s.total_ms,
  s.total_ms / greatest(s.calls, 1) as mean_ms,
  s.rows,
  s.shared_blks_hit,
  s.shared_blks_read,
  s.temp_blks_written,
  s.calls as calls_total,
  s.total_ms / 1000 as seconds_total,
  s.rows as rows_total,
  s.read_ms / 1000 as block_read_seconds_total,
  s.write_ms / 1000 as block_write_seconds_total
from summed s
left join pg_roles r on r.oid = s.userid
left join pg_database d on d.oid = s.dbid
order by s.statement = '', s.total_ms desc, s.statement
limit 1000
