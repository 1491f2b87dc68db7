-- collector: console_wraparound
-- pace: slow
/* caretaker.console.wraparound */
select
  datname as database,
  age(datfrozenxid) as "transactionAge",
  round(100.0 * age(datfrozenxid) / 2147483647, 1)::float8 as "percentOfWraparound",
  round(100.0 * age(datfrozenxid) / current_setting('autovacuum_freeze_max_age')::int8, 1)::float8 as "percentOfForcedVacuum",
  mxid_age(datminmxid) as "multixactAge",
  round(100.0 * mxid_age(datminmxid) / 2147483647, 1)::float8 as "multixactPercentOfWraparound"
from pg_database
order by age(datfrozenxid) desc, datname
limit 100
