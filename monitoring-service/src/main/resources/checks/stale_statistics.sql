-- check: stale-statistics
-- severity: info
-- title: Tables that changed much since they were last analyzed
-- advice: The planner goes by what was: analyze them.
-- needs: track_counts on
-- setting: track_counts
-- window: since the last analyze of each
/* caretaker.check.stale-statistics */
select
  format('%I.%I', schemaname, relname) as object,
  n_mod_since_analyze || ' rows changed, ' || n_live_tup || ' are there, last analyze '
    || coalesce(greatest(last_analyze, last_autoanalyze)::text, 'never') as evidence,
  format('analyze %I.%I', schemaname, relname) as fix
from pg_stat_user_tables
where n_mod_since_analyze > 10000
  and n_mod_since_analyze > 0.5 * n_live_tup
order by n_mod_since_analyze desc, 1
limit 20
