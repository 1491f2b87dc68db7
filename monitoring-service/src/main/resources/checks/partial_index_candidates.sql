-- check: partial-index-candidates
-- severity: info
-- title: Large indexes on columns that are mostly null
-- advice: An index over the rows that have a value is a fraction of the size and serves the same queries.
-- needs: select on the tables (grant pg_read_all_data), for the planner's statistics
-- sees: select not exists (select 1 from pg_index i join pg_class x on x.oid = i.indexrelid
-- sees:   join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
-- sees:   where x.relpages > 128 and i.indnatts = 1 and n.nspname not in ('pg_catalog', 'information_schema')
-- sees:   and (not has_table_privilege(c.oid, 'select') or row_security_active(c.oid)))
-- window: estimated at the last analyze
/* caretaker.check.partial-index-candidates */
with large as materialized (
  select i.indrelid, i.indkey[0] as attnum, x.relnamespace, x.relname, x.relpages
  from pg_class x
  join pg_index i on i.indexrelid = x.oid
  where x.relkind = 'i'
    and x.relpages > 128
    and i.indnatts = 1
    and i.indpred is null
    and not i.indisunique
  order by x.relpages desc
  limit 1000
)
select
  format('%I.%I', n.nspname, x.relname) as object,
  round((100 * s.null_frac)::numeric) || ' % of ' || quote_ident(a.attname) || ' are null, the index has '
    || pg_size_pretty(x.relpages::int8 * current_setting('block_size')::int8) as evidence,
  format('create index concurrently on %I.%I (%I) where %I is not null', n.nspname, t.relname, a.attname, a.attname) as fix
from large x
join pg_class t on t.oid = x.indrelid
join pg_namespace n on n.oid = x.relnamespace
join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.attnum
cross join lateral (
  select null_frac
  from pg_stats
  where schemaname = n.nspname
    and tablename = t.relname
    and attname = a.attname
    and not inherited
  offset 0
) s
where s.null_frac > 0.5
  and n.nspname not in ('pg_catalog', 'information_schema')
order by x.relpages desc, 1
limit 20
