-- check: foreign-keys-without-index
-- severity: warning
-- title: Foreign keys without an index that begins with their columns
-- advice: Each delete or key change in the parent reads the whole child.
/* caretaker.check.foreign-keys-without-index */
select
  format('%I.%I', n.nspname, c.relname) as object,
  'foreign key ' || k.conname || ' has no index' as evidence,
  format('create index concurrently on %I.%I (%s)', n.nspname, c.relname, (
    select string_agg(quote_ident(a.attname), ', ' order by u.position)
    from unnest(k.conkey) with ordinality u (attnum, position)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum)) as fix
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f'
  and c.relpages > 8
  and not exists (
    select 1
    from pg_index i
    where i.indrelid = k.conrelid
      and i.indisvalid
      and i.indpred is null
      and k.conkey @> (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)]
      and k.conkey <@ (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)])
order by 1, k.conname
limit 100
