-- collector: stat_checkpointer
-- pace: medium
-- versions: 170000-
-- prefix: pg_stat_checkpointer_
-- counter: num_timed_total Number of scheduled checkpoints due to timeout
-- counter: num_requested_total Number of requested checkpoints that have been performed
-- counter: restartpoints_timed_total Number of scheduled restartpoints due to timeout or after a failed attempt to perform it
-- counter: restartpoints_req_total Number of requested restartpoints
-- counter: restartpoints_done_total Number of restartpoints that have been performed
-- counter: write_time_total Time spent writing files during checkpoints and restartpoints, in milliseconds
-- counter: sync_time_total Time spent synchronizing files during checkpoints and restartpoints, in milliseconds
-- counter: buffers_written_total Number of buffers written during checkpoints and restartpoints
-- counter: stats_reset_total Time at which these statistics were last reset
/* caretaker.collect.stat_checkpointer */
select
  num_timed as num_timed_total,
  num_requested as num_requested_total,
  restartpoints_timed as restartpoints_timed_total,
  restartpoints_req as restartpoints_req_total,
  restartpoints_done as restartpoints_done_total,
  write_time as write_time_total,
  sync_time as sync_time_total,
  buffers_written as buffers_written_total,
  stats_reset as stats_reset_total
from pg_stat_checkpointer
