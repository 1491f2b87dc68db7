-- collector: connections
-- pace: fast
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
/* caretaker.collect.connections */
select
  coalesce(datname, '') as database,
  coalesce(usename, '') as "user",
  coalesce(application_name, '') as application,
  coalesce(state, '') as state,
  count(*) as count
from pg_stat_activity
where backend_type = 'client backend'
group by 1, 2, 3, 4
order by count(*) desc, 1, 2, 3, 4
limit 1000
