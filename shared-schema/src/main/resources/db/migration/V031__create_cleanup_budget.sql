-- What all policies and replicas together may do: each batch moves the time on by what its rows cost, and rests until then.
create table caretaker.cleanup_budget (
  id smallint not null default 1,
  spent_until timestamptz not null default clock_timestamp(),
  constraint cleanup_budget_pkey primary key (id),
  constraint cleanup_budget_only_one_check check (id = 1)
);

insert into caretaker.cleanup_budget default values;
