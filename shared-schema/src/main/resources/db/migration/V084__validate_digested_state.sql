-- Reads the table under a lock that lets mail go on.
alter table caretaker.email_recipient validate constraint email_recipient_state_check;
