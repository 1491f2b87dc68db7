-- How a run went about it: its longest transaction, and what it waited for. Constant defaults rewrite nothing.
alter table caretaker.cleanup_run
  add column longest_batch_ms integer not null default 0,
  -- Why it rests at this moment, such as replica-lag; null while nothing holds it back.
  add column throttle text,
  add column throttled_ms bigint not null default 0;
