-- The last run of a policy that passed the breakers is kept, so each run that is to age out is asked for a later one: without this
-- all runs were read for each.
create index cleanup_run_passed on caretaker.cleanup_run (policy, mode, created_at) where breaker_passed_at is not null;
