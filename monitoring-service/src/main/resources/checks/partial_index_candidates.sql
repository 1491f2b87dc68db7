-- check: partial-index-candidates
-- severity: info
-- title: Large indexes on columns that are mostly null
-- advice: An index over the rows that have a value is a fraction of the size and serves the same queries.
-- needs: select on the tables (grant pg_read_all_data), for the planner's statistics
-- window: estimated at the last analyze
/* caretaker.check.partial-index-candidates */
select
  format('%I.%I', n.nspname, x.relname) as object,
  round((100 * s.null_frac)::numeric) || ' % of ' || quote_ident(a.attname) || ' are null, the index has '
    || pg_size_pretty(x.relpages::int8 * current_setting('block_size')::int8) as evidence,
  format('create index concurrently on %I.%I (%I) where %I is not null', n.nspname, t.relname, a.attname, a.attname) as fix
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname and s.attname = a.attname and not s.inherited
where i.indnatts = 1
  and i.indpred is null
  and not i.indisunique
  and x.relpages > 128
  and s.null_frac > 0.5
  and n.nspname not in ('pg_catalog', 'information_schema')
order by x.relpages desc, 1
limit 20
