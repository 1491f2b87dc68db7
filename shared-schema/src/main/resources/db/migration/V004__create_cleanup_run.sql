-- One row a run, whatever happens to it. The row is the right to work: the owner's fence is repeated in every batch, and
-- cursor, counters and ledger head move in the transaction of the delete, so a kill -9 repeats no committed batch.
create table caretaker.cleanup_run (
  id uuid not null default gen_random_uuid(),
  policy text not null,
  -- SHA-256 of the policy as it was applied: a run is never carried on under another policy.
  policy_hash text not null,
  mode text not null,
  trigger text not null,
  slot timestamptz not null,
  state text not null default 'waiting',
  -- Fixed at the first claim by the database's clock; rows younger than this stay, however long the run takes.
  cutoff timestamptz,
  phase text not null default 'first-pass',
  -- The last row picked: {"age": …, "key": [ … ]}, as text. Null at the beginning of a phase.
  cursor jsonb,
  batch_rows integer not null default 0,
  rows_matched bigint,
  rows_deleted bigint not null default 0,
  rows_skipped bigint not null default 0,
  batches bigint not null default 0,
  -- Rows deleted (shadow: rows that would go) by table.
  tables jsonb not null default '{}',
  stop_reason text,
  stop_detail text,
  requested_by text not null,
  idempotency_key text,
  approved_by text,
  -- The breaker lets this run through up to so many rows.
  approved_max_rows bigint,
  breaker_passed_at timestamptz,
  owner uuid,
  fence bigint not null default 0,
  lease_until timestamptz,
  ledger_seq integer not null default 0,
  ledger_hash text,
  mailed boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  constraint cleanup_run_pkey primary key (id),
  constraint cleanup_run_policy_mode_slot_unique unique (policy, mode, slot),
  constraint cleanup_run_idempotency_key_unique unique (idempotency_key),
  constraint cleanup_run_mode_check check (mode in ('shadow', 'enforce')),
  constraint cleanup_run_trigger_check check (trigger in ('schedule', 'manual')),
  constraint cleanup_run_phase_check check (phase in ('first-pass', 'second-pass')),
  constraint cleanup_run_state_check check (
    state in ('waiting', 'running', 'paused', 'needs-approval', 'completed', 'cancelled', 'refused', 'failed'))
);

-- At most one run of a policy is open, however many replicas, timers and operators there are.
create unique index cleanup_run_open_unique on caretaker.cleanup_run (policy) where state in ('waiting', 'running', 'paused');
-- The claim reads only what is open.
create index cleanup_run_open on caretaker.cleanup_run (created_at, id) where state in ('waiting', 'running');
-- For the history, newest first.
create index cleanup_run_created_at on caretaker.cleanup_run (created_at desc, id);
create index cleanup_run_policy_created_at on caretaker.cleanup_run (policy, created_at desc, id);
