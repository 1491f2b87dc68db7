-- check: idle-in-transaction
-- severity: warning
-- title: Sessions idle in a transaction for more than 5 minutes
-- advice: They hold locks and keep vacuum from cleaning: find the code path that forgets to commit; set idle_in_transaction_session_timeout.
-- needs: the grant pg_read_all_stats (part of pg_monitor), and track_activities on
-- grant: pg_read_all_stats
-- setting: track_activities
/* caretaker.check.idle-in-transaction */
select
  'pid ' || pid as object,
  coalesce(usename, '') || ' ' || coalesce(application_name, '') || ', idle for '
    || round(extract(epoch from clock_timestamp() - state_change)) || ' s' as evidence,
  format('select pg_terminate_backend(%s)', pid) as fix
from pg_stat_activity
where state like 'idle in transaction%'
  and state_change < clock_timestamp() - interval '5 minutes'
order by state_change, pid
limit 100
