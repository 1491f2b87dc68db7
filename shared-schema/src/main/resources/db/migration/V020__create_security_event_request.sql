-- Idempotency keys of reported events: a repeated request is answered as the first one was and stores nothing.
create table caretaker.security_event_request (
  reported_by text not null,
  idempotency_key text not null,
  -- SHA-256 of the body: the same key with another body is a mistake of the caller.
  body_hash text not null,
  accepted integer not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint security_event_request_pkey primary key (reported_by, idempotency_key)
);

-- For ageing out.
create index security_event_request_created_at on caretaker.security_event_request (created_at);

-- The key of the hashes where none is configured: made once, so that all replicas and restarts hash alike. Two random
-- UUIDs are 244 bits.
create table caretaker.security_pseudonym_key (
  one boolean not null default true,
  key text not null default gen_random_uuid()::text || gen_random_uuid()::text,
  constraint security_pseudonym_key_pkey primary key (one),
  constraint security_pseudonym_key_one_check check (one)
);
insert into caretaker.security_pseudonym_key default values;
