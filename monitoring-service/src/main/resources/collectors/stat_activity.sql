-- collector: stat_activity
-- pace: medium
-- prefix: pg_stat_activity_
-- labels: datname, state, usename, application_name, backend_type, wait_event_type, wait_event
-- gauge: count number of connections in this state
-- gauge: max_tx_duration max duration in seconds any active transaction has been running
/* caretaker.collect.stat_activity */
select
  d.datname,
  states.state,
  coalesce(a.usename, '') as usename,
  coalesce(a.application_name, '') as application_name,
  coalesce(a.backend_type, '') as backend_type,
  coalesce(a.wait_event_type, '') as wait_event_type,
  coalesce(a.wait_event, '') as wait_event,
  coalesce(a.count, 0) as count,
  coalesce(a.max_tx_duration, 0) as max_tx_duration
from (
  values ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
    ('fastpath function call'), ('disabled')
) as states (state)
cross join pg_database d
left join (
  select datname, state, usename, application_name, backend_type, wait_event_type, wait_event,
    count(*) as count,
    max(extract(epoch from now() - xact_start))::float8 as max_tx_duration
  from pg_stat_activity
  group by datname, state, usename, application_name, backend_type, wait_event_type, wait_event
) a on a.state = states.state and a.datname = d.datname
order by d.datname, states.state, count desc
limit 2000
