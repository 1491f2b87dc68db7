-- collector: replication_slots_status
-- pace: medium
-- prefix: pg_replication_slots_
-- labels: slot_name, slot_type, wal_status
-- gauge: present=pg_replication_slots_wal_status availability of WAL files claimed by this slot
/* caretaker.collect.replication_slots_status */
select slot_name, slot_type, wal_status, 1 as present
from pg_replication_slots
where wal_status is not null
order by slot_name
limit 100
