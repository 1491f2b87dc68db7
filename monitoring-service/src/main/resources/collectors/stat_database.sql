-- collector: stat_database
-- pace: medium
-- versions: 140000-
-- prefix: pg_stat_database_
-- labels: datid, datname
-- gauge: numbackends Number of backends currently connected to this database
-- counter: xact_commit Number of transactions in this database that have been committed
-- counter: xact_rollback Number of transactions in this database that have been rolled back
-- counter: blks_read Number of disk blocks read in this database
-- counter: blks_hit Number of times disk blocks were found already in the buffer cache
-- counter: tup_returned Number of rows returned by queries in this database
-- counter: tup_fetched Number of rows fetched by queries in this database
-- counter: tup_inserted Number of rows inserted by queries in this database
-- counter: tup_updated Number of rows updated by queries in this database
-- counter: tup_deleted Number of rows deleted by queries in this database
-- counter: conflicts Number of queries canceled due to conflicts with recovery
-- counter: temp_files Number of temporary files created by queries in this database
-- counter: temp_bytes Bytes written to temporary files by queries in this database
-- counter: deadlocks Number of deadlocks detected in this database
-- counter: blk_read_time Time spent reading data file blocks by backends, in milliseconds
-- counter: blk_write_time Time spent writing data file blocks by backends, in milliseconds
-- counter: stats_reset Time at which these statistics were last reset
-- counter: active_time_seconds_total Time spent executing SQL statements, in seconds
-- untyped: sessions Total number of sessions established to this database
-- untyped: session_time Time spent by database sessions in this database, in milliseconds
-- untyped: active_time Time spent executing SQL statements in this database, in milliseconds
-- untyped: idle_in_transaction_time Time spent idling while in a transaction in this database, in milliseconds
-- untyped: sessions_abandoned Number of sessions that were terminated because connection to the client was lost
-- untyped: sessions_fatal Number of sessions that were terminated by fatal errors
-- untyped: sessions_killed Number of sessions that were terminated by operator intervention
-- untyped: parallel_workers_to_launch Number of parallel workers planned to be launched by queries on this database
-- untyped: parallel_workers_launched Number of parallel workers launched by queries on this database
-- untyped: checksum_failures Number of data page checksum failures detected in this database
-- untyped: checksum_last_failure Time at which the last data page checksum failure was detected
/* caretaker.collect.stat_database */
select
  datid::text as datid,
  coalesce(datname, '') as datname,
  datname = current_database() as own,
  numbackends,
  xact_commit,
  xact_rollback,
  blks_read,
  blks_hit,
  tup_returned,
  tup_fetched,
  tup_inserted,
  tup_updated,
  tup_deleted,
  conflicts,
  temp_files,
  temp_bytes,
  deadlocks,
  blk_read_time,
  blk_write_time,
  stats_reset as since,
  coalesce(extract(epoch from stats_reset), 0)::float8 as stats_reset,
  active_time / 1000 as active_time_seconds_total,
  sessions,
  session_time,
  active_time,
  idle_in_transaction_time,
  sessions_abandoned,
  sessions_fatal,
  sessions_killed,
  checksum_failures,
  checksum_last_failure,
  -- Columns that 17 and earlier have not.
  (to_jsonb(d) ->> 'parallel_workers_to_launch')::float8 as parallel_workers_to_launch,
  (to_jsonb(d) ->> 'parallel_workers_launched')::float8 as parallel_workers_launched
from pg_stat_database d
order by datid
