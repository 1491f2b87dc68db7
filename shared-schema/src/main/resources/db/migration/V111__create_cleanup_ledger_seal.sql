-- Each run's lines are a chain of their own, so that batches of different runs need not wait for each other; a run that was
-- taken out together with its lines left no gap. So each run that has lines is sealed when it ends: a chain over all runs, one
-- link a run. Who may write the ledger may not write this: the trigger does, with its owner's rights.
create table caretaker.cleanup_ledger_seal (
  -- 1, 2, 3 …
  seq bigint not null,
  -- No foreign key: a run that is not there any more is what is looked for.
  run_id uuid not null,
  -- The run's last line when it ended. A run that was let through an approval after that is sealed once more.
  ledger_seq integer not null,
  ledger_hash text not null,
  prev_hash text not null,
  -- SHA-256 of the other columns, a line each.
  hash text not null,
  constraint cleanup_ledger_seal_pkey primary key (seq)
);

-- Is this run sealed as it is?
create index cleanup_ledger_seal_run on caretaker.cleanup_ledger_seal (run_id, ledger_seq);

create trigger cleanup_ledger_seal_append_only
  before update or delete or truncate on caretaker.cleanup_ledger_seal
  for each statement execute function caretaker.refuse_change();

create function caretaker.seal_cleanup_ledger(run uuid, lines integer, last_hash text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  next bigint;
  previous text;
begin
  -- One after the other, until the commit; a run ends rarely, and that transaction is short.
  perform pg_advisory_xact_lock(hashtextextended('caretaker.cleanup-ledger-seal', 0));
  select seq + 1, hash into next, previous
  from caretaker.cleanup_ledger_seal
  order by seq desc
  limit 1;
  next := coalesce(next, 1);
  previous := coalesce(previous, repeat('0', 64));
  insert into caretaker.cleanup_ledger_seal (seq, run_id, ledger_seq, ledger_hash, prev_hash, hash)
  values (
    next, run, lines, last_hash, previous,
    encode(sha256(convert_to(concat_ws(E'\n', next, run, lines, last_hash, previous), 'UTF8')), 'hex'));
end;
$$;

revoke execute on function caretaker.seal_cleanup_ledger(uuid, integer, text) from public;

create function caretaker.seal_ended_run() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform caretaker.seal_cleanup_ledger(new.id, new.ledger_seq, new.ledger_hash);
  return null;
end;
$$;

create trigger cleanup_run_seal
  after update on caretaker.cleanup_run
  for each row
  when (old.finished_at is null and new.finished_at is not null and new.ledger_seq > 0)
  execute function caretaker.seal_ended_run();

-- Those that have ended before.
do $$
declare
  run record;
begin
  for run in
    select id, ledger_seq, ledger_hash
    from caretaker.cleanup_run
    where finished_at is not null
      and ledger_seq > 0
    order by finished_at, id
  loop
    perform caretaker.seal_cleanup_ledger(run.id, run.ledger_seq, run.ledger_hash);
  end loop;
end
$$;
