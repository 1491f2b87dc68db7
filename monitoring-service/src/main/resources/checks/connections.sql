-- check: connections
-- severity: warning
-- title: More than 80 % of the connections are in use
-- advice: See who holds them: idle ones in number mean a pool that is too large or leaks.
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- window: now
/* caretaker.check.connections */
select
  'connections' as object,
  used || ' of ' || most || ' in use, ' || idle || ' of them idle' as evidence,
  null::text as fix
from (
  select count(*) as used, count(*) filter (where state = 'idle') as idle,
    current_setting('max_connections')::int as most
  from pg_stat_activity
  where backend_type = 'client backend'
) c
where used > 0.8 * most
