-- The right to work, one row a kind of work. Who holds it is decided on this database's clock, and the row stays locked
-- while its holder writes: of any number of replicas one evaluates alerts.
create table caretaker.monitoring_lease (
  name text not null,
  holder uuid not null,
  -- Counts the changes of holder; a writer that lost the lease holds an older number.
  fence bigint not null default 1,
  until timestamptz not null,
  constraint monitoring_lease_pkey primary key (name)
);
