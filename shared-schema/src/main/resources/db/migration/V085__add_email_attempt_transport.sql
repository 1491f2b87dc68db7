-- Which server an attempt was made with, as host:port; absent where none was spoken to. No default: nothing is rewritten.
alter table caretaker.email_attempt add column transport text;
