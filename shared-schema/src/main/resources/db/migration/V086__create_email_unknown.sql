-- Recipients whose outcome nobody knows: few, and operators list them. They stood in a partial index on email_recipient.state,
-- which made every end of a recipient, nearly all of them sent, a new row in each of its indexes. A table of their own leaves
-- that update heap-only. A trigger keeps it, so that services of the version before do too.
create table caretaker.email_unknown (
  recipient_id bigint not null,
  constraint email_unknown_pkey primary key (recipient_id),
  constraint email_unknown_recipient_fkey foreign key (recipient_id)
    references caretaker.email_recipient (id) on delete cascade
);

create function caretaker.email_unknown_note() returns trigger
language plpgsql
as $$
begin
  if new.state = 'unknown' then
    insert into caretaker.email_unknown (recipient_id)
    values (new.id)
    on conflict (recipient_id) do nothing;
  else
    delete from caretaker.email_unknown
    where recipient_id = new.id;
  end if;
  return null;
end
$$;

create trigger email_recipient_unknown_update
after update of state on caretaker.email_recipient
for each row
when (old.state is distinct from new.state and (old.state = 'unknown' or new.state = 'unknown'))
execute function caretaker.email_unknown_note();

-- By the index, which is dropped after it.
insert into caretaker.email_unknown (recipient_id)
select id
from caretaker.email_recipient
where state = 'unknown';

drop index caretaker.email_recipient_unknown;

-- Room on the page for the new version of a row; a share lock only, and only new pages are filled so.
alter table caretaker.email_recipient set (fillfactor = 70);
