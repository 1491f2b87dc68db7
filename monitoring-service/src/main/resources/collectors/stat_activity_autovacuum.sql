-- collector: stat_activity_autovacuum
-- pace: medium
-- prefix: pg_stat_activity_autovacuum_
-- labels: relname
-- gauge: timestamp_seconds Start timestamp of the vacuum process in seconds
/* caretaker.collect.stat_activity_autovacuum */
select
  coalesce(substring(query from '^autovacuum: (?:VACUUM |ANALYZE |VACUUM ANALYZE )(\S+)'), 'unknown') as relname,
  min(extract(epoch from xact_start))::float8 as timestamp_seconds
from pg_stat_activity
where backend_type = 'autovacuum worker'
  and query like 'autovacuum:%'
group by 1
order by 2, 1
limit 20
