-- digested: over the budget of its recipient, told in a digest. Not validated here: that reads the whole table, and this
-- transaction holds a lock that stops mail.
alter table caretaker.email_recipient drop constraint email_recipient_state_check;
alter table caretaker.email_recipient add constraint email_recipient_state_check check (
  state in ('queued', 'delayed', 'unknown', 'sent', 'failed', 'suppressed', 'canceled', 'expired', 'digested')
) not valid;
