-- check: inactive-slots
-- severity: warning
-- title: Replication slots without a consumer
-- advice: An abandoned slot keeps WAL until the disk is full.
/* caretaker.check.inactive-slots */
select
  slot_name as object,
  slot_type || ' slot without a consumer' as evidence,
  format('select pg_drop_replication_slot(%L)', slot_name) as fix
from pg_replication_slots s
where not active
  -- PostgreSQL 17: a standby's copy of its primary's slot has no consumer before it takes over, and cannot be dropped.
  and not (pg_is_in_recovery() and coalesce((to_jsonb(s) ->> 'synced')::boolean, false))
order by slot_name
limit 100
