-- What happened, append only: one line for each attempt's outcome, and one for each decision that ended a recipient.
create table caretaker.email_attempt (
  id bigint generated always as identity,
  email_id uuid not null,
  recipient_id bigint not null,
  attempt integer not null,
  at timestamptz not null default clock_timestamp(),
  -- sent, deferred, failed, suppressed, canceled, expired, unknown, transport_fault
  outcome text not null,
  -- How far the SMTP conversation came, such as rcpt or end_of_data.
  stage text,
  code integer,
  enhanced text,
  -- The server's last words or our own reason; control characters removed, at most 500 characters.
  reply text,
  duration_ms bigint,
  constraint email_attempt_pkey primary key (id),
  constraint email_attempt_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade
);

create index email_attempt_email_id on caretaker.email_attempt (email_id, id);
