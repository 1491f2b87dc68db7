-- The file that a batch wrote its rows to before it deleted them, with its SHA-256; null where nothing is archived. The
-- hash of the line covers it. A file that no line names was written by a batch that did not commit.
alter table caretaker.cleanup_ledger add column archive text;
