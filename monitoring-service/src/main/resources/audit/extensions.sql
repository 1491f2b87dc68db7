-- check: extensions
-- severity: warning
-- title: Extensions that reach outside of the database, or are behind their files
-- advice: Drop what is not used; update what is behind.
/* caretaker.audit.extensions */
select
  e.extname as object,
  concat_ws('; ',
    case when e.extname in ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pltclu')
      then 'reaches the network, files or an unrestricted language' end,
    case when a.default_version <> e.extversion
      then 'is at ' || e.extversion || ', its files at ' || a.default_version end) as evidence,
  case when a.default_version <> e.extversion then format('alter extension %I update', e.extname) end as fix
from pg_extension e
left join pg_available_extensions a on a.name = e.extname
where e.extname in ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pltclu')
  or a.default_version <> e.extversion
order by e.extname
limit 100
