-- collector: statement_texts
-- pace: slow
-- needs: the extension pg_stat_statements (shared_preload_libraries, then create extension) and the grant pg_read_all_stats (part of pg_monitor)
/* caretaker.collect.statement-texts */
-- Reads the server's whole text file, so seldom; the numbers beside it come without texts.
select distinct on (queryid) queryid::text as query_id, query
from (
  select queryid, left(query, 500) as query
  from pg_stat_statements
  where dbid = (select oid from pg_database where datname = current_database())
    and queryid is not null
  order by total_exec_time desc, queryid
  limit 100
) top
order by queryid, query
