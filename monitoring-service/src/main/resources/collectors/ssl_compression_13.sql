-- collector: ssl_compression
-- pace: medium
-- versions: 0-139999
-- prefix: pg_stat_
-- gauge: ssl_compression Sessions with SSL compression; PostgreSQL 14 and later have none
/* caretaker.collect.ssl_compression_13 */
select count(*) filter (where compression) as ssl_compression
from pg_stat_ssl
