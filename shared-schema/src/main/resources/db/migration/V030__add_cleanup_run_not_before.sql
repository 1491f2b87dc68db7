-- Outside of its policy's window of the day a run waits for the next one, and keeps no worker from other runs meanwhile.
alter table caretaker.cleanup_run add column not_before timestamptz;
