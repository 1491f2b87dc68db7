-- collector: long_running_transactions
-- pace: medium
-- prefix: pg_long_running_transactions
-- gauge: transactions=pg_long_running_transactions Current number of long running transactions
-- gauge: oldest=pg_long_running_transactions_oldest_timestamp_seconds The current maximum transaction age in seconds
/* caretaker.collect.long_running_transactions */
select
  count(*) as transactions,
  coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 as oldest
from pg_stat_activity
where state is distinct from 'idle'
  and query not like 'autovacuum:%'
  and xact_start is not null
  and pid <> pg_backend_pid()
