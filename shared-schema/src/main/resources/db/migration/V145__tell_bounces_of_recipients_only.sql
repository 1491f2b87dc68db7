-- 5.1.7 and 5.1.8 are about the sender's address (RFC 3463): a receiver that takes a bounce for an address that is none would
-- give up people who can be reached. Locks nothing but the function.
create or replace function caretaker.webhook_note_changes() returns trigger
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
      when n.state = 'failed' and n.last_enhanced like '5.1.%' and n.last_enhanced not in ('5.1.7', '5.1.8')
        then 'email.bounced'
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
