-- collector: standbys
-- pace: medium
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- prefix: pg_stat_replication_
-- labels: application_name, client_addr, state, slot_name
-- gauge: pg_current_wal_lsn_bytes WAL position in bytes
-- gauge: pg_wal_lsn_diff Lag in bytes between master and slave
/* caretaker.collect.standbys */
select
  coalesce(r.application_name, '') as application_name,
  coalesce(r.client_addr::text, '') as client_addr,
  coalesce(r.state, '') as state,
  coalesce(s.slot_name, '') as slot_name,
  coalesce(r.sync_state, '') as sync_state,
  coalesce(extract(epoch from r.replay_lag), 0)::float8 as lag_seconds,
  pg_wal_lsn_diff(position.lsn, '0/0')::float8 as pg_current_wal_lsn_bytes,
  pg_wal_lsn_diff(position.lsn, r.replay_lsn)::float8 as pg_wal_lsn_diff
from pg_stat_replication r
left join pg_replication_slots s on s.active_pid = r.pid
cross join (
  select case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end as lsn
) position
order by r.application_name, r.pid
limit 100
