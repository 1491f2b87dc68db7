-- collector: console_horizon
-- pace: medium
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
/* caretaker.console.horizon */
-- Who keeps vacuum from removing dead rows: the oldest of each kind, by name.
select *
from (
  select 'session' as kind, 'pid ' || pid || ' ' || coalesce(usename, '') || ' ' || coalesce(application_name, '') as holder,
    age(backend_xmin) as transactions, coalesce(xact_start, backend_start) as since
  from pg_stat_activity
  where backend_xmin is not null
    and backend_type <> 'walsender'
    and pid <> pg_backend_pid()
  union all
  select 'prepared transaction', gid, age(transaction), prepared
  from pg_prepared_xacts
  union all
  select 'slot', slot_name, greatest(age(xmin), age(catalog_xmin)), null::timestamptz
  from pg_replication_slots
  where xmin is not null
    or catalog_xmin is not null
  union all
  select 'standby', coalesce(application_name, '') || ' ' || coalesce(client_addr::text, ''), age(backend_xmin), backend_start
  from pg_stat_replication
  where backend_xmin is not null
) holders
order by transactions desc, holder
limit 20
