-- The filter that a run applied, as its policy has it: it tells the next one whether it lets more rows go. Absent: of a run before this
-- column was there.
alter table caretaker.cleanup_run add column filter jsonb;
