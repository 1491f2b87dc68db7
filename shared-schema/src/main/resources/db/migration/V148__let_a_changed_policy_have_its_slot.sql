-- Whoever takes up a run of the schedule that was begun by another version of its policy ends it, and opens the slot anew by its own:
-- else what the policy is to do this month would wait for the next one. The index is small, a row for each run of the last months.
alter table caretaker.cleanup_run drop constraint cleanup_run_policy_mode_slot_unique;

create unique index cleanup_run_policy_mode_slot_unique on caretaker.cleanup_run (policy, mode, slot)
where stop_reason is distinct from 'policy-changed';
