-- collector: stat_bgwriter
-- pace: medium
-- versions: 170000-
-- prefix: pg_stat_bgwriter_
-- counter: checkpoints_timed_total Number of scheduled checkpoints that have been performed
-- counter: checkpoints_req_total Number of requested checkpoints that have been performed
-- counter: checkpoint_write_time_total Time spent writing files during checkpoints, in milliseconds
-- counter: checkpoint_sync_time_total Time spent synchronizing files during checkpoints, in milliseconds
-- counter: buffers_checkpoint_total Number of buffers written during checkpoints
-- counter: buffers_clean_total Number of buffers written by the background writer
-- counter: maxwritten_clean_total Number of times the background writer stopped a cleaning scan because it had written too many buffers
-- counter: buffers_backend_total Number of buffers written directly by a backend
-- counter: buffers_backend_fsync_total Number of times a backend had to execute its own fsync call
-- counter: buffers_alloc_total Number of buffers allocated
-- counter: stats_reset_total Time at which these statistics were last reset
/* caretaker.collect.stat_bgwriter_17 */
-- 17 moved half of this view to pg_stat_checkpointer and pg_stat_io; dashboards still ask for it here.
select
  c.num_timed as checkpoints_timed_total,
  c.num_requested as checkpoints_req_total,
  c.write_time as checkpoint_write_time_total,
  c.sync_time as checkpoint_sync_time_total,
  c.buffers_written as buffers_checkpoint_total,
  b.buffers_clean as buffers_clean_total,
  b.maxwritten_clean as maxwritten_clean_total,
  io.writes as buffers_backend_total,
  io.fsyncs as buffers_backend_fsync_total,
  b.buffers_alloc as buffers_alloc_total,
  b.stats_reset as stats_reset_total
from pg_stat_bgwriter b
cross join pg_stat_checkpointer c
cross join (
  select coalesce(sum(writes), 0) as writes, coalesce(sum(fsyncs), 0) as fsyncs
  from pg_stat_io
  where backend_type = 'client backend'
    and object = 'relation'
) io
