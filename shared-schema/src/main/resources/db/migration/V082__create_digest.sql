-- How many alert and incident mails an address got in the present window. Over all replicas.
create table caretaker.alert_budget (
  -- Lower case.
  address text not null,
  window_start timestamptz not null,
  used integer not null,
  constraint alert_budget_pkey primary key (address)
);

-- Mails over the budget, until a digest tells of them.
create table caretaker.digest_entry (
  id bigint generated always as identity,
  address text not null,
  email_id uuid not null,
  subject text not null,
  -- When the mail was accepted.
  happened_at timestamptz not null,
  added_at timestamptz not null default clock_timestamp(),
  -- The digest it is in, from the moment that digest is decided on.
  batch uuid,
  constraint digest_entry_pkey primary key (id),
  constraint digest_entry_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade
);

create index digest_entry_address on caretaker.digest_entry (address, id) where batch is null;
create index digest_entry_batch on caretaker.digest_entry (batch) where batch is not null;
create index digest_entry_email_id on caretaker.digest_entry (email_id);

-- Who gets digests. The id is in the link that ends them: an address has no place in a URL.
create table caretaker.digest_recipient (
  id uuid not null default gen_random_uuid(),
  -- Lower case.
  address text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Absent while they are wanted.
  unsubscribed_at timestamptz,
  constraint digest_recipient_pkey primary key (id),
  constraint digest_recipient_address_unique unique (address)
);

-- In the transaction in which the recipient ends as digested: the mail is in the digest or still to be sent, never neither.
create function caretaker.digest_note() returns trigger
language plpgsql
as $$
begin
  insert into caretaker.digest_entry (address, email_id, subject, happened_at)
  select lower(new.address), e.id, e.subject, e.created_at
  from caretaker.email e
  where e.id = new.email_id;
  return null;
end
$$;

create trigger email_recipient_digest
after update of state on caretaker.email_recipient
for each row
when (new.state = 'digested' and old.state <> 'digested')
execute function caretaker.digest_note();
