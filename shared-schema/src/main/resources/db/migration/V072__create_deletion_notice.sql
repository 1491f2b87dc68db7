-- Who is told, before a row is purged. A row goes only by a notice of its own that has come to its end (due_at): the purge
-- looks it up in its predicate. The key is kept while the notice is open and no longer; what stays says when a notice was
-- delivered and not whose it was.
create table caretaker.deletion_notice (
  id uuid not null default gen_random_uuid(),
  policy text not null,
  -- As legal_hold writes them; the key is null once the notice has ended.
  subject_table text not null,
  subject_key text,
  -- The age column in microseconds since 1970, without a zone where the column has none: who is deleted again after a
  -- restore has another one, and is told again.
  subject_age bigint,
  state text not null default 'waiting',
  -- Why it is undeliverable, in email-service's word; kept when the row is purged all the same.
  reason text,
  -- Part of the mail's idempotency key: another edition is another mail.
  edition integer not null default 1,
  attempt integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  -- What the mail says.
  purge_at timestamptz not null,
  email_id uuid,
  accepted_at timestamptz,
  settled_at timestamptz,
  -- From when on the row may go; null: not yet.
  due_at timestamptz,
  run_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  constraint deletion_notice_pkey primary key (id),
  constraint deletion_notice_state_check check (
    state in ('waiting', 'accepted', 'delivered', 'undeliverable', 'purged', 'restored', 'withdrawn')),
  constraint deletion_notice_key_check check ((ended_at is null) = (subject_key is not null and subject_age is not null))
);

-- One open notice of a row and its deletion, and the predicate's look-up.
create unique index deletion_notice_open_unique
  on caretaker.deletion_notice (subject_table, subject_key, subject_age, policy) where ended_at is null;
-- The claim reads only what is under way.
create index deletion_notice_due on caretaker.deletion_notice (next_attempt_at, id)
  where ended_at is null and state in ('waiting', 'accepted');
-- For ageing out.
create index deletion_notice_ended_at on caretaker.deletion_notice (ended_at, id) where ended_at is not null;
