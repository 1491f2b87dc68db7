-- collector: database_wraparound
-- pace: slow
-- prefix: pg_database_wraparound_
-- labels: datname
-- gauge: age_datfrozenxid_seconds Age of the oldest transaction ID that has not been frozen (transactions, whatever the name says)
-- gauge: age_datminmxid_seconds Age of the oldest multi-transaction ID that has not been replaced (as above)
/* caretaker.collect.database_wraparound */
select datname, age(datfrozenxid) as age_datfrozenxid_seconds, mxid_age(datminmxid) as age_datminmxid_seconds
from pg_database
where datallowconn
order by datname
limit 500
