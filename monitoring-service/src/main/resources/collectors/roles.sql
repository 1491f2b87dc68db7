-- collector: roles
-- pace: slow
-- prefix: pg_roles_
-- labels: rolname
-- gauge: connection_limit Connection limit set for the role
/* caretaker.collect.roles */
select rolname, rolconnlimit as connection_limit
from pg_roles
order by rolname
limit 500
