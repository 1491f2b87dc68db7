-- What statements cost, window by window, from pg_stat_statements without ever resetting it. Retention is the service's.
create table caretaker.statement_text (
  query_id bigint not null,
  query text not null,
  first_seen_at timestamptz not null,
  constraint statement_text_pkey primary key (query_id)
);

-- The counters as they were last seen. In the database and not in a process, so that a restart, another replica or a
-- sleep of the server counts nothing twice.
create table caretaker.statement_base (
  user_id oid not null,
  query_id bigint not null,
  calls bigint not null,
  total_ms double precision not null,
  rows bigint not null,
  blocks_hit bigint not null,
  blocks_read bigint not null,
  temp_blocks bigint not null,
  seen_at timestamptz not null,
  constraint statement_base_pkey primary key (user_id, query_id)
) with (fillfactor = 70);

-- Of each window those that took most; all others are one row with the query_id 0.
create table caretaker.statement_sample (
  taken_at timestamptz not null,
  query_id bigint not null,
  user_name text not null,
  seconds double precision not null,
  calls bigint not null,
  total_ms double precision not null,
  rows bigint not null,
  blocks_hit bigint not null,
  blocks_read bigint not null,
  temp_blocks bigint not null,
  constraint statement_sample_pkey primary key (taken_at, query_id, user_name)
);

-- One statement over time.
create index statement_sample_query_id on caretaker.statement_sample (query_id, taken_at desc);
