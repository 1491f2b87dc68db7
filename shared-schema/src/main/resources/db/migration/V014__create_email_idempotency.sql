-- Keys of requests that were answered: the same key is the same mail, however often it comes.
create table caretaker.email_idempotency (
  caller text not null,
  endpoint text not null,
  key text not null,
  -- HMAC-SHA-256 of the canonical request; a plain hash would let a reader guess short secrets.
  request bytea not null,
  email_ids uuid[] not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  constraint email_idempotency_pkey primary key (caller, endpoint, key)
);

create index email_idempotency_expires_at on caretaker.email_idempotency (expires_at);
