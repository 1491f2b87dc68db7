-- collector: ssl_compression
-- pace: medium
-- versions: 140000-
-- prefix: pg_stat_
-- gauge: ssl_compression Sessions with SSL compression; PostgreSQL 14 and later have none
/* caretaker.collect.ssl_compression */
select 0 as ssl_compression
