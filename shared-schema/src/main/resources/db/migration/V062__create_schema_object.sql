-- The tables as they are or were: a row lives from valid_from to valid_to, so that every change is there with its before
-- and after.
create table caretaker.schema_object (
  id bigint generated always as identity,
  schema_name text not null,
  table_name text not null,
  -- Columns, keys and indexes as one text; what is compared.
  definition jsonb not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  constraint schema_object_pkey primary key (id)
);

create unique index schema_object_present_unique on caretaker.schema_object (schema_name, table_name)
  where valid_to is null;
-- What changed since a moment.
create index schema_object_valid_from on caretaker.schema_object (valid_from desc);
create index schema_object_valid_to on caretaker.schema_object (valid_to desc) where valid_to is not null;
