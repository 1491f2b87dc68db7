-- check: own-role
-- severity: warning
-- title: Rights of Caretaker's own role that it does not need
-- advice: Connect with a role that has pg_monitor and owns or may use the schema caretaker, and nothing else.
/* caretaker.audit.own-role */
select
  r.rolname as object,
  'has ' || concat_ws(', ',
    case when r.rolsuper then 'superuser' end,
    case when r.rolcreaterole then 'createrole' end,
    case when r.rolcreatedb then 'createdb' end,
    case when r.rolreplication then 'replication' end,
    case when r.rolbypassrls then 'bypassrls' end) as evidence,
  null::text as fix
from pg_roles r
where r.rolname = session_user
  and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls)
order by r.rolname
limit 1
