-- Times in which mail about incidents is held back; incidents are recorded all the same.
create table caretaker.silence (
  id uuid not null default gen_random_uuid(),
  -- Null: every rule.
  rule text,
  reason text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  constraint silence_pkey primary key (id),
  constraint silence_ends_check check (ends_at > starts_at)
);

create index silence_ends_at on caretaker.silence (ends_at desc, id);
