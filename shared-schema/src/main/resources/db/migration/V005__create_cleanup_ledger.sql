-- What was deleted, a line a batch, written in the transaction of the delete. Each line's hash covers the line before it
-- and cleanup_run keeps the last one, so that a changed, removed or added line is found. No personal data: counts only.
create table caretaker.cleanup_ledger (
  run_id uuid not null,
  seq integer not null,
  written_at timestamptz not null,
  policy text not null,
  -- Canonical JSON, names sorted: rows deleted by table. Text, since the hash covers its very characters.
  counts text not null,
  rows bigint not null,
  prev_hash text not null,
  hash text not null,
  constraint cleanup_ledger_pkey primary key (run_id, seq),
  constraint cleanup_ledger_run_id_fkey foreign key (run_id) references caretaker.cleanup_run (id)
);

create index cleanup_ledger_written_at on caretaker.cleanup_ledger (written_at, run_id, seq);

create function caretaker.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end;
$$;

create trigger cleanup_ledger_append_only
  before update or delete or truncate on caretaker.cleanup_ledger
  for each statement execute function caretaker.refuse_change();
