-- How large the database and its largest tables were, for growth and its forecast. An empty table_name is the database.
create table caretaker.size_sample (
  taken_at timestamptz not null,
  schema_name text not null,
  table_name text not null,
  bytes bigint not null,
  constraint size_sample_pkey primary key (taken_at, schema_name, table_name)
);
