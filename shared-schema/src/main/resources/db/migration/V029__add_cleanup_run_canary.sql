-- The first enforced run of a policy begins with a few rows and looks whether they were the right ones. The retention that a
-- run applied tells the next one whether it has become shorter. The table is small: the check is read through at once.
alter table caretaker.cleanup_run
  add column retention text,
  drop constraint cleanup_run_phase_check,
  add constraint cleanup_run_phase_check check (phase in ('canary', 'first-pass', 'second-pass'));
