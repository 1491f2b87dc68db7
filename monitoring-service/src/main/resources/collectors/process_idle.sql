-- collector: process_idle
-- pace: medium
-- prefix: pg_process_idle_
-- labels: state, application_name
-- histogram: seconds Idle time of server processes
/* caretaker.collect.process_idle */
-- Few application names, the busiest; the others together.
with idle as materialized (
  select state, coalesce(application_name, '') as application_name,
    extract(epoch from now() - state_change)::float8 as seconds
  from pg_stat_activity
  where state like 'idle%'
    and pid <> pg_backend_pid()
), named as materialized (
  select application_name
  from idle
  group by application_name
  order by count(*) desc, application_name
  limit 5
), grouped as (
  select i.state, coalesce(n.application_name, 'other') as application_name, i.seconds
  from idle i
  left join named n on n.application_name = i.application_name
)
select g.state, g.application_name, b.le,
  count(*) filter (where b.le = '+Inf' or g.seconds <= b.bound) as bucket,
  case when b.le = '+Inf' then sum(g.seconds) end as sum,
  case when b.le = '+Inf' then count(*) end as count
from grouped g
cross join (
  values (1, '1'), (2, '2'), (5, '5'), (15, '15'), (30, '30'), (60, '60'), (90, '90'), (120, '120'), (300, '300'),
    (2147483647, '+Inf')
) as b (bound, le)
group by g.state, g.application_name, b.bound, b.le
order by g.state, g.application_name, b.bound
limit 200
