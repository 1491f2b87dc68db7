-- Who is told of what happens to mail. email-service writes here what its configuration says, by name only: addresses and
-- secrets of receivers stay in the configuration.
create table caretaker.webhook_endpoint (
  name text not null,
  events text[] not null,
  constraint webhook_endpoint_pkey primary key (name)
);

-- What is still to be told, one row for each receiver, so that none waits for another. A row goes when its receiver has
-- taken it.
create table caretaker.webhook_event (
  id bigint generated always as identity,
  endpoint text not null,
  -- The same at every attempt: a receiver tells a repeat by it.
  message_id uuid not null default gen_random_uuid(),
  type text not null,
  email_id uuid not null,
  recipient_id bigint not null,
  occurred_at timestamptz not null default clock_timestamp(),
  -- As the recipient's state had it when this happened; what is sent must not change between two attempts.
  code integer,
  enhanced text,
  reply text,
  -- Also the lease, as in email_due. Null when it was given up.
  due_at timestamptz default now(),
  -- Counts claims: the fencing token.
  attempt integer not null default 0,
  last_error text,
  constraint webhook_event_pkey primary key (id),
  constraint webhook_event_endpoint_fkey foreign key (endpoint) references caretaker.webhook_endpoint (name) on delete cascade,
  constraint webhook_event_email_fkey foreign key (email_id) references caretaker.email (id) on delete cascade
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000
);

create index webhook_event_due on caretaker.webhook_event (endpoint, due_at, id) where due_at is not null;
-- For the cascade when a mail ages out.
create index webhook_event_email_id on caretaker.webhook_event (email_id);

-- In the transaction of the change, whoever makes it: a worker, a request, an operator or caretaker.enqueue_email. Without
-- a receiver it costs a look at an empty table, and a mail that is only queued not even that.
create function caretaker.webhook_note() returns trigger
language plpgsql
as $$
begin
  insert into caretaker.webhook_event (endpoint, type, email_id, recipient_id, code, enhanced, reply)
  select w.name, t.type, new.email_id, new.id, new.last_code, new.last_enhanced, new.last_reply
  from caretaker.webhook_endpoint w
  cross join (
    select case
      when new.state = 'sent' then 'email.sent'
      when new.state in ('delayed', 'unknown') then 'email.delivery_delayed'
      when new.state = 'suppressed' then 'email.suppressed'
      when new.state = 'failed' and new.last_enhanced like '5.1.%' then 'email.bounced'
      else 'email.failed'
    end as type) t
  where t.type = any (w.events);
  return null;
end
$$;

create trigger email_recipient_webhook_insert
after insert on caretaker.email_recipient
for each row
when (new.state = 'suppressed')
execute function caretaker.webhook_note();

-- A delay is told once, not at each of its attempts.
create trigger email_recipient_webhook_update
after update of state on caretaker.email_recipient
for each row
when (
  old.state is distinct from new.state
  and new.state in ('sent', 'delayed', 'unknown', 'failed', 'suppressed', 'expired')
  and not (old.state in ('delayed', 'unknown') and new.state in ('delayed', 'unknown'))
)
execute function caretaker.webhook_note();
