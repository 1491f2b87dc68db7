-- After every migration: each service's role gets what its own tables need, and nothing of the others'. Only for roles that
-- exist; making them, and letting them at the application's tables, is the operator's (docs/operate.md, "Database roles").
do $$
declare
  service record;
  relation record;
begin
  for service in
    select r.oid, r.rolname, t.patterns
    from (
      values
        ('caretaker_cleanup', array['cleanup%', 'legal_hold%', 'deletion_notice%']),
        ('caretaker_email', array['email%', 'suppression%', 'webhook%', 'alert%', 'digest%']),
        ('caretaker_monitoring', array[
          'monitoring%', 'incident%', 'silence%', 'security%', 'audit%', 'statement%', 'size%', 'schema_object%',
          'operator_action%', 'finding%'])
    ) t (rolname, patterns)
    join pg_catalog.pg_roles r on r.rolname = t.rolname
  loop
    execute pg_catalog.format('grant usage on schema caretaker to %I', service.rolname);
    execute pg_catalog.format('grant select on caretaker.flyway_schema_history to %I', service.rolname);
    for relation in
      select c.relname, c.relowner, c.relkind = 'p' as partitioned, c.relispartition
      from pg_catalog.pg_class c
      where c.relnamespace = 'caretaker'::pg_catalog.regnamespace
        and c.relkind in ('r', 'p')
        and c.relname like any (service.patterns)
    loop
      if relation.partitioned or relation.relispartition then
        -- The service makes and drops partitions, which only an owner may.
        execute pg_catalog.format('grant create on schema caretaker to %I', service.rolname);
        -- Shuts the table for a moment, also where nothing changes by it.
        if relation.relowner <> service.oid then
          execute pg_catalog.format('alter table caretaker.%I owner to %I', relation.relname, service.rolname);
        end if;
      elsif relation.relname in ('cleanup_ledger', 'cleanup_erasure', 'cleanup_archive_restore') then
        execute pg_catalog.format('grant select, insert on caretaker.%I to %I', relation.relname, service.rolname);
      elsif relation.relname = 'cleanup_ledger_seal' then
        -- Written by a trigger with its owner's rights.
        execute pg_catalog.format('grant select on caretaker.%I to %I', relation.relname, service.rolname);
      else
        execute pg_catalog.format(
          'grant select, insert, update, delete on caretaker.%I to %I', relation.relname, service.rolname);
      end if;
    end loop;
  end loop;
end
$$;
