-- check: inactive-slots
-- severity: warning
-- title: Replication slots without a consumer
-- advice: An abandoned slot keeps WAL until the disk is full.
/* caretaker.check.inactive-slots */
select
  slot_name as object,
  slot_type || ' slot without a consumer' as evidence,
  format('select pg_drop_replication_slot(%L)', slot_name) as fix
from pg_replication_slots
where not active
order by slot_name
limit 100
