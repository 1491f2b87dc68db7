-- A key that is a domain over one of the four types whose cast to text differs was written by its output function, and a row that
-- is held by it could be deleted by others. A domain has the casts of its base type: nobody can give it one of its own.
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
    raise exception 'a row of % is under a legal hold and cannot be deleted', tg_argv[0]
      using errcode = 'restrict_violation', hint = 'GET /api/cleanup/holds of cleanup-service names the case.';
  end if;
  return old;
end
$$;
