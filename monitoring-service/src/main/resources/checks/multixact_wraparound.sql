-- check: multixact-wraparound
-- severity: critical
-- title: Databases past half of the way to multixact wraparound
-- advice: Find what holds the horizon, end it, and vacuum the tables with the oldest relminmxid.
-- window: now
/* caretaker.check.multixact-wraparound */
select
  datname as object,
  'its oldest multixact is ' || mxid_age(datminmxid) || ' old, ' || round(100.0 * mxid_age(datminmxid) / 2147483647)
    || ' % of the way' as evidence,
  'vacuum (freeze)' as fix
from pg_database
where mxid_age(datminmxid) > 1073741823
order by mxid_age(datminmxid) desc, datname
limit 100
