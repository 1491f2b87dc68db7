-- collector: console_indexes
-- pace: slow
/* caretaker.console.indexes */
select
  n.nspname as schema,
  t.relname as "table",
  x.relname as index,
  a.amname as method,
  array_to_string(array(
    select coalesce(c.attname, '(expression)')
    from unnest(i.indkey::int2[]) with ordinality k (number, place)
    left join pg_attribute c on c.attrelid = i.indrelid and c.attnum = k.number and k.number > 0
    order by k.place), ', ') as columns,
  i.indisunique as "unique",
  i.indisprimary as "primary",
  i.indisvalid as valid,
  i.indpred is not null as partial,
  x.relpages::int8 * current_setting('block_size')::int8 as bytes,
  pg_stat_get_numscans(x.oid) as scans,
  pg_stat_get_tuples_returned(x.oid) as "entriesRead",
  pg_stat_get_tuples_fetched(x.oid) as "rowsFetched",
  (select stats_reset from pg_stat_database where datname = current_database()) as "countedSince"
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
join pg_am a on a.oid = x.relam
where x.oid in (
    -- First which, then what of them: the columns of all would be looked up otherwise.
    select l.oid
    from pg_class l
    join pg_namespace m on m.oid = l.relnamespace
    where l.relkind = 'i'
      and m.nspname not in ('pg_catalog', 'information_schema')
      and m.nspname !~ '^pg_toast'
    order by l.relpages desc, l.oid
    limit 500
  )
order by x.relpages desc, n.nspname, x.relname
limit 500
