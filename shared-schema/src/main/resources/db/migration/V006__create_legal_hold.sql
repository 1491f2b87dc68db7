-- Who or what must not be deleted, by case; several cases may hold one subject. Read inside the delete's predicate.
create table caretaker.legal_hold (
  id uuid not null default gen_random_uuid(),
  case_id text not null,
  policy text not null,
  -- The table as the catalogue writes it: schema.table, quoted where needed.
  subject_table text not null,
  -- The key's columns as a JSON array of their text forms, as jsonb_build_array(k::text, …)::text writes it.
  subject_key text not null,
  reason text not null,
  placed_by text not null,
  placed_at timestamptz not null default clock_timestamp(),
  released_by text,
  released_at timestamptz,
  constraint legal_hold_pkey primary key (id)
);

-- The predicate's look-up, and at most one open hold of a case on a subject.
create unique index legal_hold_open_unique
  on caretaker.legal_hold (subject_table, subject_key, case_id) where released_at is null;
create index legal_hold_placed_at on caretaker.legal_hold (placed_at desc, id);
