-- Rows of which a part of what depends on them has gone, and which are there: their purge takes more than one transaction. While one
-- of them waits for the rest, its retention may be made longer or its notice be sent again, and a restore would give back what is left
-- as if it were all.
create table caretaker.cleanup_partly_gone (
  -- SHA-256 of table, key and age under caretaker.deletion_notice_key: who deletes the row in another way leaves nothing
  -- personal here, and one that is deleted anew after it lived again is another one.
  subject bytea not null,
  policy text not null,
  -- No foreign key: runs age out.
  run_id uuid not null,
  since timestamptz not null default clock_timestamp(),
  constraint cleanup_partly_gone_pkey primary key (subject)
);
