-- A batch deletes with the holds that its statement sees, so no hold may come into force while one runs: a batch takes the
-- gate of its table shared, whoever places a hold takes it alone and waits for the batch. Locks nothing else; the waits are
-- as long as a batch.
create function caretaker.hold_gate(subject_table text) returns bigint language sql immutable parallel safe as $$
  select hashtextextended('caretaker.legal-hold ' || subject_table, 0)
$$;

create function caretaker.close_hold_gate() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(caretaker.hold_gate(new.subject_table));
  return new;
end;
$$;

-- On the table itself, so that a hold written by hand waits too.
create trigger legal_hold_gate
  before insert or update on caretaker.legal_hold
  for each row execute function caretaker.close_hold_gate();
