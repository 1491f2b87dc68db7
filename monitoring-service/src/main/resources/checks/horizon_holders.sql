-- check: horizon-holders
-- severity: warning
-- title: Something keeps vacuum from removing dead rows
-- advice: End it: a forgotten transaction, an abandoned slot or prepared transaction. Until then no vacuum helps.
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- window: now
/* caretaker.check.horizon-holders */
select holder as object, kind || ' holds back ' || transactions || ' transactions' as evidence, fix
from (
  select 'session' as kind, 'pid ' || pid || ' ' || coalesce(usename, '') || ' ' || coalesce(application_name, '') as holder,
    greatest(age(backend_xmin), age(backend_xid)) as transactions, format('select pg_terminate_backend(%s)', pid) as fix
  from pg_stat_activity
  where pid <> pg_backend_pid()
    and backend_type <> 'walsender'
  union all
  select 'prepared transaction', gid, age(transaction), format('rollback prepared %L', gid)
  from pg_prepared_xacts
  union all
  select 'slot', slot_name, greatest(age(xmin), age(catalog_xmin)), format('select pg_drop_replication_slot(%L)', slot_name)
  from pg_replication_slots
  union all
  select 'standby', coalesce(application_name, '') || ' ' || coalesce(client_addr::text, ''), age(backend_xmin), null
  from pg_stat_replication
) holders
where transactions > 1000000
order by transactions desc, holder
limit 20
