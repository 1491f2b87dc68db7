-- check: slow-statements
-- severity: info
-- title: Statements that take more than 20 ms on average and are called often
-- advice: Look at the plan of the first: it is where the time goes.
-- needs: the extension pg_stat_statements (shared_preload_libraries, then create extension) and the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
-- window: since pg_stat_statements was last reset
/* caretaker.check.slow-statements */
select
  'statement ' || queryid as object,
  round(mean_exec_time::numeric, 1) || ' ms on average, ' || calls || ' calls, '
    || round((100 * total_exec_time / nullif(sum(total_exec_time) over (), 0))::numeric, 1) || ' % of all time' as evidence,
  null::text as fix
from pg_stat_statements(false)
where dbid = (select oid from pg_database where datname = current_database())
  and calls >= 100
  and mean_exec_time >= 20
order by total_exec_time desc, queryid
limit 20
