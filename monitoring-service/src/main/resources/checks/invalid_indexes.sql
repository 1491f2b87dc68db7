-- check: invalid-indexes
-- severity: warning
-- title: Indexes that are invalid
-- advice: A failed create index concurrently leaves one behind: it costs writes and helps no query. Build it again or drop it.
/* caretaker.check.invalid-indexes */
select
  format('%I.%I', n.nspname, c.relname) as object,
  'is invalid' as evidence,
  -- What reindex concurrently leaves behind is a second one of an index that is there.
  format(case when c.relname ~ '_cc(new|old)[0-9]*$' then 'drop index concurrently %I.%I' else 'reindex index concurrently %I.%I' end,
    n.nspname, c.relname) as fix
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid
  and not exists (select 1 from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
order by 1
limit 100
