-- A hold names a row by its key: who changed that took the row from under the hold, as where the key is a name or an address that
-- people may change themselves. The same function keeps a held row's key now, by a trigger that cleanup-service puts on a table
-- with its next hold; it fires after an update, and only where a row's key has become another one. What is returned counts before a
-- delete alone.
create or replace function caretaker.refuse_held_delete() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
as $$
declare
  columns integer;
  texts text;
  held boolean;
begin
  if not exists (
    select 1
    from caretaker.legal_hold h
    where h.subject_table = tg_argv[0]
      and h.released_at is null
  ) then
    return old;
  end if;

  select
    count(*),
    string_agg(
      case
        when b.oid in ('boolean'::regtype, 'bpchar'::regtype, 'inet'::regtype, 'cidr'::regtype)
          then format('($1).%I::text', a.attname)
        else format('format(''%%s'', ($1).%I)', a.attname)
      end,
      ', ' order by k.place)
  into columns, texts
  from unnest(tg_argv[1:tg_nargs - 1]) with ordinality as k (name, place)
  join pg_attribute a on a.attrelid = tg_relid and a.attname = k.name and not a.attisdropped
  cross join lateral (
    with recursive type as (
      select t.oid, t.typtype, t.typbasetype
      from pg_type t
      where t.oid = a.atttypid
      union all
      select t.oid, t.typtype, t.typbasetype
      from type d
      join pg_type t on t.oid = d.typbasetype
      where d.typtype = 'd'
    )
    select oid
    from type
    where typtype <> 'd'
  ) as b;
  if columns <> tg_nargs - 1 then
    raise exception 'rows of % are held, and its key is not what it was when they were', tg_argv[0]
      using errcode = 'restrict_violation', hint = 'Put the trigger caretaker_legal_hold on the table anew.';
  end if;

  execute
    'select exists (select 1 from caretaker.legal_hold h where h.subject_table = $2 and h.released_at is null'
    || ' and h.subject_key = jsonb_build_array(' || texts || ')::text)'
  into held using old, tg_argv[0];
  if held then
    raise exception 'a row of % is under a legal hold and cannot %', tg_argv[0],
        case tg_op when 'UPDATE' then 'get another key' else 'be deleted' end
      using errcode = 'restrict_violation', hint = 'GET /api/cleanup/holds of cleanup-service names the case.';
  end if;
  return old;
end
$$;
