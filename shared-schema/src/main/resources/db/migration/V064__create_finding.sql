-- What the checks found and since when; a finding that is gone keeps its row as history.
create table caretaker.finding (
  id uuid not null default gen_random_uuid(),
  check_id text not null,
  object text not null,
  severity text not null,
  evidence text not null,
  fix text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  gone_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  constraint finding_pkey primary key (id)
);

create unique index finding_open_unique on caretaker.finding (check_id, object) where gone_at is null;
create index finding_first_seen_at on caretaker.finding (first_seen_at desc, id);
