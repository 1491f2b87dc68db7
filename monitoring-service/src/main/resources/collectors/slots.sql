-- collector: slots
-- pace: medium
-- prefix: pg_replication_slots_
-- labels: slot_name, database
-- gauge: active Flag indicating if the slot is active
-- gauge: pg_wal_lsn_diff Replication lag in bytes
/* caretaker.collect.slots */
select
  slot_name,
  coalesce(database, '') as database,
  slot_type,
  -- PostgreSQL 17: nobody is to be missed at a standby's copy of its primary's slot.
  case when not (pg_is_in_recovery() and coalesce((to_jsonb(s) ->> 'synced')::boolean, false)) then active end as active,
  coalesce(wal_status, '') as wal_status,
  pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
    restart_lsn)::float8 as pg_wal_lsn_diff
from pg_replication_slots s
order by slot_name
limit 100
