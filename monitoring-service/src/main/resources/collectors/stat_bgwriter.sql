-- collector: stat_bgwriter
-- pace: medium
-- versions: 0-169999
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
/* caretaker.collect.stat_bgwriter */
select
  checkpoints_timed as checkpoints_timed_total,
  checkpoints_req as checkpoints_req_total,
  checkpoint_write_time as checkpoint_write_time_total,
  checkpoint_sync_time as checkpoint_sync_time_total,
  buffers_checkpoint as buffers_checkpoint_total,
  buffers_clean as buffers_clean_total,
  maxwritten_clean as maxwritten_clean_total,
  buffers_backend as buffers_backend_total,
  buffers_backend_fsync as buffers_backend_fsync_total,
  buffers_alloc as buffers_alloc_total,
  stats_reset as stats_reset_total
from pg_stat_bgwriter
