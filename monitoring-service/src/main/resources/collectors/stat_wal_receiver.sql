-- collector: stat_wal_receiver
-- pace: medium
-- prefix: pg_stat_wal_receiver_
-- labels: upstream_host, slot_name, status
-- counter: receive_start_lsn First write-ahead log location used when WAL receiver is started represented as a decimal
-- gauge: receive_start_tli First timeline number used when WAL receiver is started
-- counter: flushed_lsn Last write-ahead log location already received and flushed to disk
-- gauge: received_tli Timeline number of last write-ahead log location received and flushed to disk
-- counter: last_msg_send_time Send time of last message received from origin WAL sender
-- counter: last_msg_receipt_time Receipt time of last message received from origin WAL sender
-- counter: latest_end_lsn Last write-ahead log location reported to origin WAL sender as integer
-- counter: latest_end_time Time of last write-ahead log location reported to origin WAL sender
-- gauge: upstream_node Node ID of the upstream node
/* caretaker.collect.stat_wal_receiver */
select
  coalesce(sender_host, '') as upstream_host,
  coalesce(slot_name, '') as slot_name,
  coalesce(status, 'unknown') as status,
  pg_wal_lsn_diff(receive_start_lsn, '0/0')::float8 as receive_start_lsn,
  receive_start_tli,
  pg_wal_lsn_diff(flushed_lsn, '0/0')::float8 as flushed_lsn,
  received_tli,
  last_msg_send_time,
  last_msg_receipt_time,
  pg_wal_lsn_diff(latest_end_lsn, '0/0')::float8 as latest_end_lsn,
  latest_end_time,
  coalesce(substring(slot_name from 'repmgr_slot_([0-9]+)')::float8, 0) as upstream_node
from pg_stat_wal_receiver
