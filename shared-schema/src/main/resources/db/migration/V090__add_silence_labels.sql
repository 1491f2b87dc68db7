-- A silence may be for incidents with these labels alone; {} is for all. A constant default rewrites nothing.
alter table caretaker.silence
  add column labels jsonb not null default '{}',
  add constraint silence_labels_check check (jsonb_typeof(labels) = 'object');
