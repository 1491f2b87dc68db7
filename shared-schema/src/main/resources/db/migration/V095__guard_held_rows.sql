-- Whoever deletes, a held row stays: cleanup-service puts these triggers on a table when a row of it is held, or says which
-- statement does. They stay when the hold is released, and then cost each delete one look at an index.
--
-- With its owner's rights, since an application may not read holds. It must run nothing of anybody else's, then: columns are
-- named and not given as expressions, and a value is written by its type's output function, which only a superuser can make;
-- the four types whose cast to text differs are PostgreSQL's own. The settings are those under which a key is kept.
--
-- Arguments: the table as legal_hold.subject_table has it, then the columns of legal_hold.subject_key.
create function caretaker.refuse_held_delete() returns trigger
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
        when a.atttypid in ('boolean'::regtype, 'bpchar'::regtype, 'inet'::regtype, 'cidr'::regtype)
          then format('($1).%I::text', a.attname)
        else format('format(''%%s'', ($1).%I)', a.attname)
      end,
      ', ' order by k.place)
  into columns, texts
  from unnest(tg_argv[1:tg_nargs - 1]) with ordinality as k (name, place)
  join pg_attribute a on a.attrelid = tg_relid and a.attname = k.name and not a.attisdropped;
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

-- The only argument: the table.
create function caretaker.refuse_held_truncate() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select 1
    from caretaker.legal_hold h
    where h.subject_table = tg_argv[0]
      and h.released_at is null
  ) then
    raise exception 'rows of % are under a legal hold', tg_argv[0]
      using errcode = 'restrict_violation', hint = 'GET /api/cleanup/holds of cleanup-service names the case.';
  end if;
  return null;
end
$$;
