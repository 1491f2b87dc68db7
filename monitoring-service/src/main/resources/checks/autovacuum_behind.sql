-- check: autovacuum-behind
-- severity: warning
-- title: Tables whose dead rows are over twice what starts autovacuum
-- advice: Is it held up by an old transaction or a lock, switched off for this table, or are there too few workers?
-- needs: track_counts on
-- setting: track_counts
-- window: since the last vacuum of each
/* caretaker.check.autovacuum-behind */
with tables as (
  select format('%I.%I', n.nspname, c.relname) as object, pg_stat_get_dead_tuples(c.oid) as dead, c.reltuples,
    greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) as last,
    coalesce((select o.option_value::float8 from pg_options_to_table(c.reloptions) o
      where o.option_name = 'autovacuum_vacuum_threshold'), current_setting('autovacuum_vacuum_threshold')::float8) as base,
    coalesce((select o.option_value::float8 from pg_options_to_table(c.reloptions) o
      where o.option_name = 'autovacuum_vacuum_scale_factor'), current_setting('autovacuum_vacuum_scale_factor')::float8) as share
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm')
    and n.nspname not in ('pg_catalog', 'information_schema')
)
select
  object,
  dead || ' dead rows, autovacuum starts at ' || round(base + share * greatest(reltuples, 0)) || ', last vacuum '
    || coalesce(last::text, 'never') as evidence,
  'vacuum analyze ' || object as fix
from tables
where dead > 1000
  and dead > 2 * (base + share * greatest(reltuples, 0))
order by dead desc, object
limit 20
