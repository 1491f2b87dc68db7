-- check: dead-tuples
-- severity: warning
-- title: Tables with many dead rows that vacuum has not reached
-- advice: Is autovacuum held up by an old transaction or a lock, or too slow for this table?
-- needs: track_counts on
-- setting: track_counts
/* caretaker.check.dead-tuples */
select
  format('%I.%I', schemaname, relname) as object,
  n_dead_tup || ' dead rows beside ' || n_live_tup || ' live ones, last vacuum '
    || coalesce(greatest(last_vacuum, last_autovacuum)::text, 'never') as evidence,
  format('vacuum analyze %I.%I', schemaname, relname) as fix
from pg_stat_user_tables
where n_dead_tup > 10000
  and n_dead_tup > 0.2 * (n_live_tup + n_dead_tup)
order by n_dead_tup desc, 1
limit 20
