-- collector: slots
-- pace: medium
/* caretaker.collect.slots */
select
  slot_name as name,
  slot_type as type,
  active,
  coalesce(wal_status, '') as wal_status,
  coalesce(pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
    restart_lsn), 0)::float8 as retained_bytes
from pg_replication_slots
order by slot_name
limit 100
