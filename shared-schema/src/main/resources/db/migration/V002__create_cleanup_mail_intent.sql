-- Mails cleanup-service has decided on; handed to email-service until it answers. Written in the transaction of the fact
-- that the mail tells of. Rows that were handed over age out by a policy of cleanup-service.
create table caretaker.cleanup_mail_intent (
  id bigint generated always as identity,
  idempotency_key text not null,
  recipients text[] not null,
  template text not null,
  variables jsonb not null,
  state text not null default 'waiting',
  attempt integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  next_attempt_at timestamptz not null default clock_timestamp(),
  handed_over_at timestamptz,
  email_id uuid,
  last_error text,
  constraint cleanup_mail_intent_pkey primary key (id),
  constraint cleanup_mail_intent_key_unique unique (idempotency_key),
  constraint cleanup_mail_intent_state_check check (state in ('waiting', 'accepted', 'rejected'))
);

-- The claim reads only what waits; a partial index keeps handed-over rows out of its way.
create index cleanup_mail_intent_due on caretaker.cleanup_mail_intent (next_attempt_at, id) where state = 'waiting';
-- For ageing out.
create index cleanup_mail_intent_handed_over_at on caretaker.cleanup_mail_intent (handed_over_at, id) where state <> 'waiting';
