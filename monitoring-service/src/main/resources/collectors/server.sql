-- collector: server
-- pace: fast
/* caretaker.collect.server */
select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int as version_num,
  pg_postmaster_start_time() as started_at,
  pg_is_in_recovery() as in_recovery,
  current_setting('max_connections')::int as max_connections,
  current_setting('superuser_reserved_connections')::int as superuser_reserved_connections
