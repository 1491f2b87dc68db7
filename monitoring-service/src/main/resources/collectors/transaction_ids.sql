-- collector: transaction_ids
-- pace: medium
-- prefix: pg_
-- counter: txid_current Next transaction ID, epoch included; read from the snapshot, so that none is used up
/* caretaker.collect.transaction_ids */
select pg_snapshot_xmax(pg_current_snapshot())::text::float8 as txid_current
