-- collector: replication_slots
-- pace: medium
-- prefix: pg_replication_slots_
-- labels: slot_name, slot_type
-- gauge: slot_current_wal_lsn current wal lsn value
-- gauge: slot_confirmed_flush_lsn last lsn confirmed flushed to the replication slot
-- gauge: slot_is_active whether the replication slot is active or not
-- gauge: safe_wal_size_bytes number of bytes that can be written to WAL such that this slot is not in danger of getting in state lost
/* caretaker.collect.replication_slots */
select
  slot_name,
  slot_type,
  case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end::float8 as slot_current_wal_lsn,
  case when active then coalesce(pg_wal_lsn_diff(confirmed_flush_lsn, '0/0'), 0) end::float8 as slot_confirmed_flush_lsn,
  active as slot_is_active,
  safe_wal_size::float8 as safe_wal_size_bytes
from pg_replication_slots
order by slot_name
limit 100
