-- collector: replication
-- pace: medium
-- prefix: pg_replication_
-- gauge: lag_seconds Replication lag behind primary in seconds
-- gauge: is_replica Indicates if the server is a replica
-- gauge: last_replay_seconds Age of last transaction replay in seconds
/* caretaker.collect.replication */
select
  case
    when not pg_is_in_recovery() then 0
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp()))
  end::float8 as lag_seconds,
  case when pg_is_in_recovery() then 1 else 0 end as is_replica,
  greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp()))::float8 as last_replay_seconds
