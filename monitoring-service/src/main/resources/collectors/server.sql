-- collector: server
-- pace: fast
-- prefix: pg_
-- gauge: postmaster_start_time_seconds Time at which postmaster started
/* caretaker.collect.server */
select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int as version_num,
  version() as full_version,
  pg_postmaster_start_time() as postmaster_start_time_seconds,
  pg_is_in_recovery() as in_recovery,
  current_setting('max_connections')::int as max_connections,
  current_setting('superuser_reserved_connections')::int as superuser_reserved_connections
