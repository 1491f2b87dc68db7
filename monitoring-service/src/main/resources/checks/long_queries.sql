-- check: long-queries
-- severity: warning
-- title: Queries that run for more than 60 s
-- advice: Look at what it waits for; then at its plan. An endless one can be cancelled.
-- needs: the grant pg_read_all_stats (part of pg_monitor), and track_activities on
-- grant: pg_read_all_stats
-- setting: track_activities
-- window: now
/* caretaker.check.long-queries */
select
  'pid ' || pid as object,
  coalesce(usename, '') || ' ' || coalesce(application_name, '') || ', runs for '
    || round(extract(epoch from clock_timestamp() - query_start)) || ' s'
    || coalesce(', waits for ' || wait_event_type || ' ' || wait_event, '') as evidence,
  format('select pg_cancel_backend(%s)', pid) as fix
from pg_stat_activity
where state = 'active'
  and backend_type = 'client backend'
  and application_name not like 'caretaker-%'
  and query_start < clock_timestamp() - interval '60 seconds'
order by query_start, pid
limit 100
