-- Outcomes are written many at a time; so are the messages for webhooks, instead of a function call for each row. Without a
-- receiver it costs one look at an empty table a statement.
create function caretaker.webhook_note_changes() returns trigger
language plpgsql
as $$
begin
  if not exists (select from caretaker.webhook_endpoint) then
    return null;
  end if;
  insert into caretaker.webhook_event (endpoint, type, email_id, recipient_id, code, enhanced, reply)
  select w.name, t.type, n.email_id, n.id, n.last_code, n.last_enhanced, n.last_reply
  from new_rows n
  join old_rows o on o.id = n.id
  cross join caretaker.webhook_endpoint w
  cross join lateral (
    select case
      when n.state = 'sent' then 'email.sent'
      when n.state in ('delayed', 'unknown') then 'email.delivery_delayed'
      when n.state = 'suppressed' then 'email.suppressed'
      when n.state = 'failed' and n.last_enhanced like '5.1.%' then 'email.bounced'
      else 'email.failed'
    end as type) t
  where o.state is distinct from n.state
    and n.state in ('sent', 'delayed', 'unknown', 'failed', 'suppressed', 'expired')
    -- A delay is told once, not at each of its attempts.
    and not (o.state in ('delayed', 'unknown') and n.state in ('delayed', 'unknown'))
    and t.type = any (w.events)
  order by n.id;
  return null;
end
$$;

drop trigger email_recipient_webhook_update on caretaker.email_recipient;

create trigger email_recipient_webhook_update
after update on caretaker.email_recipient
referencing old table as old_rows new table as new_rows
for each statement
execute function caretaker.webhook_note_changes();
