-- check: deadlocks
-- severity: info
-- title: Transactions have been in deadlocks
-- advice: Two code paths take the same locks in different order: the server's log names both statements.
-- needs: track_counts on
-- setting: track_counts
-- window: since the statistics began
/* caretaker.check.deadlocks */
select
  datname as object,
  deadlocks || ' deadlocks since ' || coalesce(stats_reset::text, 'the server began to count') as evidence,
  null::text as fix
from pg_stat_database
where datname = current_database()
  and deadlocks > 0
  and deadlocks / greatest(1, extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time())) / 86400) > 1
order by datname
limit 1
