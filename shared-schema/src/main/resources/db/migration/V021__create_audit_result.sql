-- Security audits of the database, each whole as it was answered.
create table caretaker.audit_result (
  id uuid not null default gen_random_uuid(),
  ran_at timestamptz not null,
  requested_by text not null,
  idempotency_key text,
  passed integer not null,
  failed integer not null,
  skipped integer not null,
  checks jsonb not null,
  constraint audit_result_pkey primary key (id),
  constraint audit_result_request_unique unique (requested_by, idempotency_key)
);

create index audit_result_ran_at on caretaker.audit_result (ran_at desc, id);
