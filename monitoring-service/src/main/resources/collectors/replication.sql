-- collector: replication
-- pace: medium
-- prefix: pg_replication_
-- gauge: lag_seconds Replication lag behind primary in seconds
-- gauge: is_replica Indicates if the server is a replica
-- gauge: last_replay_seconds Age of last transaction replay in seconds
-- gauge: disconnected=caretaker_standby_disconnected 1 on a standby that is to stream and has no connection to its primary
/* caretaker.collect.replication */
select
  case
    when not pg_is_in_recovery() then 0
    -- All that came was replayed; without a connection nothing comes, and then that says nothing.
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and receiver.is_there then 0
    when pg_last_xact_replay_timestamp() is not null
      then greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp()))
  end::float8 as lag_seconds,
  case when pg_is_in_recovery() then 1 else 0 end as is_replica,
  greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp()))::float8 as last_replay_seconds,
  case when pg_is_in_recovery() and not receiver.is_there and exists (
    select from pg_settings where name = 'primary_conninfo' and setting <> '') then 1 else 0 end as disconnected
from (
  select exists (select from pg_stat_wal_receiver) as is_there
) receiver
