-- collector: stat_user_tables
-- pace: costly
-- prefix: pg_stat_user_tables_
-- labels: datname, schemaname, relname
-- gauge: n_live_tup Estimated number of live rows
-- gauge: index_size_bytes Total disk space used by this index, in bytes
-- gauge: table_size_bytes Total disk space used by this table, in bytes
/* caretaker.collect.stat_user_tables_total */
-- What stat_user_tables degrades to over its budget: one row from pg_class alone, no statistics of single tables.
select
  '0' as relid,
  count(*) filter (where c.relkind in ('r', 'm', 'p')) as tables,
  current_database() as datname,
  '' as schemaname,
  'other' as relname,
  sum(greatest(c.reltuples, 0)) filter (where c.relkind in ('r', 'm'))::float8 as n_live_tup,
  sum(c.relpages::float8) filter (where c.relkind = 'i') * current_setting('block_size')::float8 as index_size_bytes,
  sum(c.relpages::float8) filter (where c.relkind in ('r', 'm', 't')) * current_setting('block_size')::float8
    as table_size_bytes
from pg_class c
where c.relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))
