-- An application commits its row and its mail together: the mail is sent if the application's transaction commits, and is
-- not if it does not. What the HTTP interface refuses is refused here too. No notify: inside every transaction it would
-- serialise all commits of the database; email-service looks at the queue every second.
--
-- Runs with its owner's rights, so that the application needs none on the tables; nobody may call it until the owner says
-- so: grant usage on schema caretaker to app; grant execute on function caretaker.enqueue_email to app;
create function caretaker.enqueue_email(
  from_address text,
  to_addresses text[],
  subject text,
  plain text default null,
  html text default null,
  idempotency_key text default null,
  scheduled_at timestamptz default null,
  expires_after interval default interval '96 hours'
) returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- One bare address, or a name before it in angle brackets; the same characters as over HTTP.
  local_part constant text := '[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*';
  domain_part constant text := '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*';
  bare constant text := '^' || local_part || '@' || domain_part || '$';
  named constant text := '^[^<>[:cntrl:]]{0,200}<' || local_part || '@' || domain_part || '>$';
  -- Control characters, line separators, and what turns the direction of writing.
  unsafe constant text := '[[:cntrl:]\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]';
  given text;
  mail_id uuid;
  sender_domain text;
  known uuid[];
  inserted integer;
begin
  if cardinality(to_addresses) is null or cardinality(to_addresses) not between 1 and 50 then
    raise exception 'enqueue_email: to_addresses must hold 1 to 50 addresses' using errcode = '22023';
  end if;
  foreach given in array to_addresses || from_address loop
    if given is null or length(given) > 600 or given ~ unsafe or not (given ~ bare or given ~ named) then
      raise exception 'enqueue_email: an address must be such as a@example.com or Name <a@example.com>'
        using errcode = '22023';
    end if;
  end loop;
  if subject is null or length(subject) > 998 or subject ~ unsafe then
    raise exception 'enqueue_email: subject must be one line without control characters, at most 998 characters'
      using errcode = '22023';
  end if;
  if plain is null and html is null then
    raise exception 'enqueue_email: plain or html must be given' using errcode = '22023';
  end if;
  if coalesce(octet_length(plain), 0) + coalesce(octet_length(html), 0) > 1048576 then
    raise exception 'enqueue_email: plain and html together may hold at most 1 MB' using errcode = '22023';
  end if;
  if idempotency_key is not null and length(idempotency_key) not between 1 and 256 then
    raise exception 'enqueue_email: idempotency_key must be 1 to 256 characters' using errcode = '22023';
  end if;

  -- UUIDv7: 48 bits of milliseconds, then random ones.
  mail_id := encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6),
        52, 1),
      53, 1),
    'hex')::uuid;
  sender_domain := rtrim(substring(from_address from '@([^@>]+)>?$'), '>');

  if idempotency_key is not null then
    -- A key stands for its first mail; the rest of a repeat is not compared, since the caller's own transaction decides.
    insert into caretaker.email_idempotency as known_key (caller, endpoint, key, request, email_ids, expires_at)
    values (session_user, 'sql', idempotency_key, '', array[mail_id], clock_timestamp() + interval '30 days')
    on conflict (caller, endpoint, key) do update
    set email_ids = excluded.email_ids,
        expires_at = excluded.expires_at
    where known_key.expires_at <= clock_timestamp();
    get diagnostics inserted = row_count;
    if inserted = 0 then
      select i.email_ids into known
      from caretaker.email_idempotency i
      where i.caller = session_user
        and i.endpoint = 'sql'
        and i.key = enqueue_email.idempotency_key;
      return known[1];
    end if;
  end if;

  insert into caretaker.email (
    id, caller, kind, from_address, to_addresses, subject, html, plain, scheduled_at, expires_at)
  values (
    mail_id, session_user, 'plain', from_address, to_addresses, subject, html, plain, scheduled_at,
    coalesce(scheduled_at, clock_timestamp()) + expires_after);

  with given_addresses as (
    select distinct on (lower(a.address)) a.address, a.position
    from (
      select coalesce(substring(t.entry from '<([^<>]+)>$'), t.entry) as address, (t.ordinality - 1)::integer as position
      from unnest(to_addresses) with ordinality as t (entry, ordinality)
    ) a
    order by lower(a.address), a.position
  ), written as (
    insert into caretaker.email_recipient (email_id, position, field, address, message_id, state, next_attempt_at)
    select mail_id, g.position, 'to', g.address, '<' || mail_id || '.' || g.position || '@' || sender_domain || '>',
      case when s.address is null then 'queued' else 'suppressed' end,
      case when s.address is null then coalesce(enqueue_email.scheduled_at, clock_timestamp()) end
    from given_addresses g
    left join caretaker.suppression s on s.address = lower(g.address)
    returning id, state, next_attempt_at
  ), told as (
    insert into caretaker.email_attempt (email_id, recipient_id, attempt, outcome, reply)
    select mail_id, id, 0, 'suppressed', 'the address is on the suppression list'
    from written
    where state = 'suppressed'
  )
  insert into caretaker.email_due (recipient_id, email_id, due_at)
  select id, mail_id, next_attempt_at
  from written
  where state = 'queued';

  return mail_id;
end
$$;

revoke all on function caretaker.enqueue_email(text, text[], text, text, text, text, timestamptz, interval) from public;
