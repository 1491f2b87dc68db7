-- How the run goes through its table, and why that way. Adding columns without a default rewrites nothing.
alter table caretaker.cleanup_run
  add column strategy text,
  add column strategy_reason text;

comment on column caretaker.cleanup_run.cursor is
  'Where it stands: {"age", "key"} the last row of a keyset, {"next", "end"} blocks; null at the beginning of a phase.';
