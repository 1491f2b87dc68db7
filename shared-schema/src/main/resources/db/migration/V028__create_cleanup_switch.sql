-- The kill switch: one row, read by every batch with its fence. Stopped, no run goes on anywhere, and none is lost.
create table caretaker.cleanup_switch (
  id smallint not null default 1,
  stopped boolean not null default false,
  reason text,
  changed_by text not null default 'migration',
  changed_at timestamptz not null default clock_timestamp(),
  constraint cleanup_switch_pkey primary key (id),
  constraint cleanup_switch_only_one_check check (id = 1)
);

insert into caretaker.cleanup_switch default values;
