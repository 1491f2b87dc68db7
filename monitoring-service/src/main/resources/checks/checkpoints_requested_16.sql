-- check: checkpoints-requested
-- severity: info
-- title: Most checkpoints come because the WAL is full, not in their time
-- advice: Raise max_wal_size: each early checkpoint writes whole pages again.
-- versions: 0-169999
-- window: since the statistics began
/* caretaker.check.checkpoints-requested-16 */
select
  'checkpoints' as object,
  checkpoints_req || ' requested beside ' || checkpoints_timed || ' in time since '
    || coalesce(stats_reset::text, 'the server began') as evidence,
  null::text as fix
from pg_stat_bgwriter
where checkpoints_req > 10
  and checkpoints_req > checkpoints_timed
