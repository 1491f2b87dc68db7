-- The foreign key locked the mail's row for each attempt that was written down, and so wrote a page of email anew for every few
-- mails that went out: long after they came, and once more in whole after each checkpoint. An attempt is only ever written of a
-- recipient that still waits, whose mail nobody removes; and attempts still go with their mail, by a trigger.
alter table caretaker.email_attempt drop constraint email_attempt_email_fkey;

create function caretaker.email_attempt_forget() returns trigger
language plpgsql
as $$
begin
  delete from caretaker.email_attempt a
  using gone
  where a.email_id = gone.id;
  return null;
end
$$;

create trigger email_attempts_go
after delete on caretaker.email
referencing old table as gone
for each statement
execute function caretaker.email_attempt_forget();
