-- check: replication-lag
-- severity: warning
-- title: Standbys more than 60 s or 1 GB behind
-- advice: Is it the network, the standby's disk, or a query there that conflicts?
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- window: now
/* caretaker.check.replication-lag */
select
  coalesce(application_name, '') || ' ' || coalesce(client_addr::text, '') as object,
  coalesce(round(extract(epoch from replay_lag))::text, '?') || ' s and '
    || pg_size_pretty(pg_wal_lsn_diff(position.lsn, replay_lsn)) || ' behind, ' || coalesce(state, '') as evidence,
  null::text as fix
from pg_stat_replication
cross join (
  select case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end as lsn
) position
where replay_lag > interval '60 seconds'
  or pg_wal_lsn_diff(position.lsn, replay_lsn) > 1073741824
order by 1
limit 100
