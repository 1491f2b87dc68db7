-- collector: foreign_activity
-- pace: fast
-- needs: the grant pg_read_all_stats (part of pg_monitor)
/* caretaker.collect.foreign-activity */
-- When somebody other than us and the platform last did something; who has a transaction open is doing it now.
select max(case when state = 'idle' then state_change else clock_timestamp() end) as last_at
from pg_stat_activity
where backend_type = 'client backend'
  and pid <> pg_backend_pid()
  and coalesce(application_name, '') not like 'caretaker-%'
  and usename is distinct from 'cloud_admin'
