-- check: foreign-keys-without-index
-- severity: warning
-- title: Foreign keys without an index that begins with their columns
-- advice: Each delete or key change in the parent reads the whole child.
/* caretaker.check.foreign-keys-without-index */
select
  -- One line for each: the first of a table that somebody acknowledges must not hide the others.
  format('%I.%I %I', n.nspname, c.relname, k.conname) as object,
  'the foreign key has no index' as evidence,
  format('create index concurrently on %I.%I (%s)', n.nspname, c.relname, (
    select string_agg(quote_ident(a.attname), ', ' order by u.position)
    from unnest(k.conkey) with ordinality u (attnum, position)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum)) as fix
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f'
  and c.relpages > 8
  -- PostgreSQL 18: one that is not enforced looks for nothing.
  and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  and not exists (
    select 1
    from pg_index i
    join pg_class x on x.oid = i.indexrelid
    join pg_am m on m.oid = x.relam
    where i.indrelid = k.conrelid
      and i.indisvalid
      and i.indpred is null
      and i.indnkeyatts >= cardinality(k.conkey)
      and m.amname in ('btree', 'hash')
      and k.conkey @> (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)]
      and k.conkey <@ (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)])
order by 1
limit 100
