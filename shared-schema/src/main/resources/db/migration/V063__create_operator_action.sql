-- What operators did to the database's sessions: written before it is done, and again with how it ended.
create table caretaker.operator_action (
  id uuid not null default gen_random_uuid(),
  at timestamptz not null,
  done_by text not null,
  action text not null,
  pid integer not null,
  target text not null,
  outcome text not null,
  constraint operator_action_pkey primary key (id),
  constraint operator_action_action_check check (action in ('cancel', 'terminate'))
);

create index operator_action_at on caretaker.operator_action (at desc, id);
