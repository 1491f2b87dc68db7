-- What is still to be sent, and nothing else: narrow and hot. A row goes when its recipient ends.
-- due_at is also the lease: a claim moves it to the lease's end, so a crash needs no rescuer, only time.
create table caretaker.email_due (
  recipient_id bigint not null,
  email_id uuid not null,
  due_at timestamptz not null,
  -- Counts claims: the fencing token that every later write repeats.
  attempt integer not null default 0,
  -- Who holds the lease; null while nobody does.
  leased_by text,
  -- Set just before SMTP begins and reset with the outcome: found set at a claim, the outcome is unknown.
  started boolean not null default false,
  constraint email_due_pkey primary key (recipient_id),
  constraint email_due_recipient_fkey foreign key (recipient_id) references caretaker.email_recipient (id) on delete cascade
) with (
  -- Room for heap-only updates, and a vacuum after a fixed number of dead rows instead of a share of the table.
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000
);

create index email_due_due_at on caretaker.email_due (due_at, recipient_id);
-- Cancelling and erasing a secret look a mail's rows up.
create index email_due_email_id on caretaker.email_due (email_id);
