-- Who had which archived rows read back, and when: the rows are there again, and the ledger alone says that they went.
create table caretaker.cleanup_archive_restore (
  id bigint generated always as identity,
  file text not null,
  -- No foreign key: the archive outlives the runs of a restored database.
  run_id uuid not null,
  "table" text not null,
  rows bigint not null,
  restored_by text not null,
  restored_at timestamptz not null default now(),
  constraint cleanup_archive_restore_pkey primary key (id)
);

create index cleanup_archive_restore_file on caretaker.cleanup_archive_restore (file, id);

create trigger cleanup_archive_restore_append_only
  before update or delete or truncate on caretaker.cleanup_archive_restore
  for each statement execute function caretaker.refuse_change();
