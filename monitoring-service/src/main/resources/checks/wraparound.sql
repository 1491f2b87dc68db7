-- check: wraparound
-- severity: critical
-- title: Databases past half of the way to transaction ID wraparound
-- advice: Find what holds the horizon (an old transaction, a slot, a prepared transaction), end it, and vacuum.
/* caretaker.check.wraparound */
select
  datname as object,
  'its oldest transaction ID is ' || age(datfrozenxid) || ' transactions old, '
    || round(100.0 * age(datfrozenxid) / 2147483647) || ' % of the way' as evidence,
  'vacuum (freeze)' as fix
from pg_database
where age(datfrozenxid) > 1073741823
  or mxid_age(datminmxid) > 1073741823
order by age(datfrozenxid) desc
limit 100
