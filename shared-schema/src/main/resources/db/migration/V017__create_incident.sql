-- What is or was wrong. pending: seen, but not yet for as long as its rule asks. firing: told. resolved: over.
create table caretaker.incident (
  id uuid not null default gen_random_uuid(),
  rule text not null,
  -- The rule and its labels: what is one incident and not two.
  fingerprint text not null,
  severity text not null,
  labels jsonb not null default '{}',
  state text not null,
  summary text not null,
  value text not null,
  threshold text not null,
  advice text not null,
  pending_since timestamptz not null,
  fired_at timestamptz,
  last_seen_at timestamptz not null,
  -- Since when all is well again; it is closed when that has lasted.
  clear_since timestamptz,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  opening_mail_at timestamptz,
  last_mail_at timestamptz,
  reminders integer not null default 0,
  closing_mail_at timestamptz,
  constraint incident_pkey primary key (id),
  constraint incident_severity_check check (severity in ('warning', 'critical')),
  constraint incident_state_check check (state in ('pending', 'firing', 'resolved')),
  constraint incident_fired_check check (state = 'pending' or fired_at is not null),
  constraint incident_resolved_check check ((state = 'resolved') = (resolved_at is not null))
);

-- Two replicas cannot open the same incident twice, whatever they believe of each other.
create unique index incident_open_unique on caretaker.incident (fingerprint) where state in ('pending', 'firing');
-- Listed newest first, by state or all; also for ageing out.
create index incident_pending_since on caretaker.incident (pending_since desc, id);
create index incident_state_pending_since on caretaker.incident (state, pending_since desc, id);
-- A remembered outage looks for what was already written of it.
create index incident_fingerprint_pending_since on caretaker.incident (fingerprint, pending_since desc);
