-- check: plain-sessions
-- severity: critical
-- title: Sessions from other machines without TLS
-- advice: Set sslmode=require (better verify-full) in the clients, and hostssl lines in pg_hba.conf.
-- needs: the grant pg_read_all_stats (part of pg_monitor)
-- grant: pg_read_all_stats
/* caretaker.audit.plain-sessions */
select
  coalesce(a.usename, '') || ' ' || coalesce(a.application_name, '') as object,
  count(*) || ' sessions without TLS from ' || count(distinct a.client_addr) || ' addresses' as evidence,
  null::text as fix
from pg_stat_activity a
join pg_stat_ssl s on s.pid = a.pid
where not s.ssl
  and a.client_addr is not null
  and not a.client_addr <<= '127.0.0.0/8'
  and a.client_addr <> '::1'
group by a.usename, a.application_name
order by 1
limit 100
