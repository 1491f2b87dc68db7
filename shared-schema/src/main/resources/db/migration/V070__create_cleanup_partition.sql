-- Partitions that a policy has dropped, and the one that it is about to drop. Detaching cannot be in one transaction with the
-- drop, so that it is said here first: whoever carries the policy on after a crash finds what was begun.
create table caretaker.cleanup_partition (
  id bigint generated always as identity,
  run_id uuid not null,
  policy text not null,
  parent_schema text not null,
  parent_table text not null,
  partition_schema text not null,
  partition_table text not null,
  -- With the name, so that another table of the same name is never taken for it.
  partition_oid bigint not null,
  -- As pg_get_expr writes it, for putting it back.
  bound text not null,
  state text not null default 'taken',
  rows bigint,
  taken_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  constraint cleanup_partition_pkey primary key (id),
  constraint cleanup_partition_run_id_fkey foreign key (run_id) references caretaker.cleanup_run (id),
  constraint cleanup_partition_state_check check (state in ('taken', 'dropped', 'kept', 'gone'))
);

-- One drop of a partition at a time, and the look-up of what a crash left.
create unique index cleanup_partition_taken_unique on caretaker.cleanup_partition (partition_oid) where state = 'taken';
create index cleanup_partition_taken on caretaker.cleanup_partition (policy, id) where state = 'taken';
-- The foreign key's, for the day when runs age out.
create index cleanup_partition_run_id on caretaker.cleanup_partition (run_id);
