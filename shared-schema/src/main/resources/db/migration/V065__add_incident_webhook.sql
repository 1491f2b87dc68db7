-- When the webhook took the opening and the closing of an incident; until then they are sent again. Adding columns without
-- a default takes the lock for a moment and rewrites nothing.
alter table caretaker.incident
  add column opening_webhook_at timestamptz,
  add column closing_webhook_at timestamptz;

-- What is still to be sent.
create index incident_webhook_due on caretaker.incident (fired_at)
  where fired_at is not null
    and (opening_webhook_at is null or closing_webhook_at is null);
