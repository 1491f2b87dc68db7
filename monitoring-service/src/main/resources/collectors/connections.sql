-- collector: connections
-- pace: fast
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
