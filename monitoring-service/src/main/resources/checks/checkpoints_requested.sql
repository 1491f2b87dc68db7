-- check: checkpoints-requested
-- severity: info
-- title: Most checkpoints come because the WAL is full, not in their time
-- advice: Raise max_wal_size: each early checkpoint writes whole pages again.
-- versions: 170000-
-- window: since the statistics began
/* caretaker.check.checkpoints-requested */
select
  'checkpoints' as object,
  num_requested || ' requested beside ' || num_timed || ' in time since ' || coalesce(stats_reset::text, 'the server began')
    as evidence,
  null::text as fix
from pg_stat_checkpointer
where num_requested > 10
  and num_requested > num_timed
