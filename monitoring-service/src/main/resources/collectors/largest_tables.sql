-- collector: largest_tables
-- pace: slow
/* caretaker.collect.largest-tables */
-- From relpages, exact since the last vacuum or analyze: size functions open every relation and wait behind DDL.
select
  n.nspname as schema,
  c.relname as "table",
  greatest(c.reltuples, 0)::float8 as rows,
  (c.relpages::int8 + coalesce(t.relpages, 0)) * current_setting('block_size')::int8 as table_bytes,
  coalesce(i.pages, 0) * current_setting('block_size')::int8 as index_bytes
from (
  -- Among the largest without their indexes; looking up those of every table costs more than all the rest.
  select l.*
  from pg_class l
  left join pg_class m on m.oid = l.reltoastrelid
  where l.relkind in ('r', 'm')
    and l.relnamespace not in (
      select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema') or nspname ~ '^pg_toast')
  order by l.relpages::int8 + coalesce(m.relpages, 0) desc, l.oid
  limit 200
) c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class t on t.oid = c.reltoastrelid
left join lateral (
  select sum(x.relpages)::int8 as pages
  from pg_index d
  join pg_class x on x.oid = d.indexrelid
  where d.indrelid = c.oid
) i on true
order by c.relpages::int8 + coalesce(t.relpages, 0) + coalesce(i.pages, 0) desc, n.nspname, c.relname
limit 20
