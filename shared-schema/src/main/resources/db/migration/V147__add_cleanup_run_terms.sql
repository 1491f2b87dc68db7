-- What a run did with its rows, by which column they were old, and whether somebody was told before: it tells the next one whether
-- it keeps less of them. Absent: of a run before this column was there.
alter table caretaker.cleanup_run add column terms jsonb;
