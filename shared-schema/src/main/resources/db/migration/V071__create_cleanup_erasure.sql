-- Who was erased, as nobody can read it: HMAC-SHA256 of a row's key under a key that is not in the database. After a backup
-- was restored, rows whose key gives one of these are erased again. The ledger's line covers its digests by their hash.
create table caretaker.cleanup_erasure (
  id bigint generated always as identity,
  run_id uuid not null,
  seq integer not null,
  -- Which key made it; digests of another key say nothing.
  key_id text not null,
  digest bytea not null,
  constraint cleanup_erasure_pkey primary key (id),
  constraint cleanup_erasure_line_fkey foreign key (run_id, seq) references caretaker.cleanup_ledger (run_id, seq)
);

-- Has this one been erased?
create index cleanup_erasure_digest on caretaker.cleanup_erasure (digest);
-- The lines' own, in their order.
create index cleanup_erasure_line on caretaker.cleanup_erasure (run_id, seq, digest);

create trigger cleanup_erasure_append_only
  before update or delete or truncate on caretaker.cleanup_erasure
  for each statement execute function caretaker.refuse_change();

-- SHA-256 of a line's digests in their order; null where none were kept. The hash of the line covers it.
alter table caretaker.cleanup_ledger add column keys text;

-- A replay is a run too. Nobody else carries it on: it has no cutoff by which it could.
alter table caretaker.cleanup_run
  drop constraint cleanup_run_trigger_check,
  add constraint cleanup_run_trigger_check check (trigger in ('schedule', 'manual', 'replay'));
