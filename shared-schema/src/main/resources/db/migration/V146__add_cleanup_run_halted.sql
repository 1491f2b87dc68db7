-- Set by whoever stops all clean-up, on each run that goes on: a batch that read the switch before, and is held up before it has the
-- run's row, finds the row changed. Whoever takes the run over begins anew.
alter table caretaker.cleanup_run add column halted boolean not null default false;
