-- What the application reports. Accounts and addresses are kept as keyed hashes, and of an address its network.
-- Partitioned by month, so that ageing out drops tables and bloats nothing; monitoring-service makes partitions ahead,
-- and the default partition takes whatever has none, so that no event is ever refused.
create table caretaker.security_event (
  id uuid not null default gen_random_uuid(),
  occurred_at timestamptz not null,
  received_at timestamptz not null default clock_timestamp(),
  -- The OWASP term.
  event text not null,
  level text not null,
  -- The name of the API key that reported it.
  reported_by text not null,
  application text,
  account_hash text,
  address_hash text,
  network text,
  request_method text,
  request_path text,
  constraint security_event_pkey primary key (occurred_at, id),
  constraint security_event_level_check check (level in ('info', 'warning', 'critical'))
) partition by range (occurred_at);

create table caretaker.security_event_default partition of caretaker.security_event default;

-- The failed-authentication rule and the report: one kind of event in a window.
create index security_event_event_occurred_at on caretaker.security_event (event, occurred_at);
