-- collector: standbys
-- pace: medium
/* caretaker.collect.standbys */
select
  coalesce(application_name, '') as name,
  coalesce(state, '') as state,
  coalesce(sync_state, '') as sync_state,
  coalesce(extract(epoch from replay_lag), 0)::float8 as lag_seconds,
  coalesce(pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
    replay_lsn), 0)::float8 as lag_bytes
from pg_stat_replication
order by application_name, pid
limit 100
