-- What was accepted, as it was accepted. Rows are never changed, but for scheduled_at while nothing has been sent yet.
create table caretaker.email (
  id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The name of the API key that handed it in.
  caller text not null,
  -- plain, or the template's name: decides expiry and what becomes of an unknown outcome.
  kind text not null,
  from_address text not null,
  to_addresses text[] not null,
  cc_addresses text[] not null default '{}',
  bcc_addresses text[] not null default '{}',
  reply_to text[] not null default '{}',
  subject text not null,
  -- Both null for a kind that carries a credential: that is rendered when it is sent, from email_secret.
  html text,
  plain text,
  headers jsonb not null default '{}',
  tags jsonb not null default '[]',
  scheduled_at timestamptz,
  -- After this the mail is of no use and ends as expired.
  expires_at timestamptz not null,
  constraint email_pkey primary key (id)
);

-- Ids are UUIDv7, so the primary key serves the list, newest first. This one is for ageing out.
create index email_created_at on caretaker.email (created_at, id);

create table caretaker.email_attachment (
  email_id uuid not null,
  position integer not null,
  filename text not null,
  content_type text not null,
  content_id text,
  content bytea not null,
  constraint email_attachment_pkey primary key (email_id, position),
  constraint email_attachment_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade
);

-- Attachments arrive base64-decoded and mostly compressed already: no second compression.
alter table caretaker.email_attachment alter column content set storage external;

-- The variables of mails that carry a credential, sealed with AES-GCM under a key of their own. The row goes at the
-- mail's end, and what is left in backups cannot be read without data_key.
create table caretaker.email_secret (
  email_id uuid not null,
  sealed bytea not null,
  -- The row's key, wrapped by the service's key that wrapping_key_id names.
  data_key bytea not null,
  wrapping_key_id text not null,
  expires_at timestamptz not null,
  constraint email_secret_pkey primary key (email_id),
  constraint email_secret_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade
);

create index email_secret_expires_at on caretaker.email_secret (expires_at);

-- The service's key where none is configured. Whoever reads this database can then read email_secret too;
-- docs/configure.md says so.
create table caretaker.email_key (
  id smallint not null default 1,
  key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint email_key_pkey primary key (id),
  constraint email_key_only_one_check check (id = 1)
);
