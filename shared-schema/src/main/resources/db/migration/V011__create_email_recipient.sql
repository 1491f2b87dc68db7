-- One row for each address a mail goes to; each ends on its own.
create table caretaker.email_recipient (
  id bigint generated always as identity,
  email_id uuid not null,
  position integer not null,
  -- to, cc or bcc
  field text not null,
  -- The bare address, without a display name.
  address text not null,
  -- Fixed when the mail is accepted: every attempt shows the same one, so a receiver can tell a repeat.
  message_id text not null,
  state text not null,
  -- Attempts that the mail itself used up; a transport's fault uses none.
  attempts integer not null default 0,
  updated_at timestamptz not null default clock_timestamp(),
  next_attempt_at timestamptz,
  last_code integer,
  last_enhanced text,
  last_reply text,
  constraint email_recipient_pkey primary key (id),
  constraint email_recipient_position_unique unique (email_id, position),
  constraint email_recipient_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade,
  constraint email_recipient_field_check check (field in ('to', 'cc', 'bcc')),
  constraint email_recipient_state_check check (
    state in ('queued', 'delayed', 'unknown', 'sent', 'failed', 'suppressed', 'canceled', 'expired')
  )
);

-- Few rows are unknown; operators list them and the status counts them.
create index email_recipient_unknown on caretaker.email_recipient (id) where state = 'unknown';
