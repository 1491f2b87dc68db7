-- check: powerful-roles
-- severity: warning
-- title: Roles that may log in and have rights over the whole server
-- advice: Take away what the role does not use; keep such rights in roles that cannot log in and are set when needed.
/* caretaker.audit.powerful-roles */
select
  rolname as object,
  'has ' || concat_ws(', ',
    case when rolcreaterole then 'createrole' end,
    case when rolcreatedb then 'createdb' end,
    case when rolreplication then 'replication' end,
    case when rolbypassrls then 'bypassrls' end) as evidence,
  format('alter role %I nocreaterole nocreatedb noreplication nobypassrls', rolname) as fix
from pg_roles
where rolcanlogin
  and not rolsuper
  and (rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
order by rolname
limit 100
