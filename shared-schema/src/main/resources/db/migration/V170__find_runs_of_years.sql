-- The runs of some years are half a million rows, and these are looked for at each look for something to do, at each run's
-- beginning and for each answer of GET /api/cleanup/status: whether the slot has had its run (since V148 the unique index leaves out
-- those whose policy changed), what waits for an approval, and when the policy's runs were.
create index cleanup_run_policy_changed on caretaker.cleanup_run (policy, mode, slot) where stop_reason = 'policy-changed';

create index cleanup_run_needs_approval on caretaker.cleanup_run (policy) where state = 'needs-approval';

create index cleanup_run_policy_mode_cutoff on caretaker.cleanup_run (policy, mode, cutoff) where state = 'completed';

create index cleanup_run_policy_mode_started_at on caretaker.cleanup_run (policy, mode, started_at);
