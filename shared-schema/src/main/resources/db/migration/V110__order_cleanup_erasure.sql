-- Digests are copied out page by page, "after the last one that I have". A number is taken when a row is written and seen when
-- it is committed: of two batches at one time the later could be seen first, and the other one never. So who writes digests
-- takes this lock shared, until the commit, and who reads a page takes it alone for a moment: whatever has a smaller number
-- than what it sees has been committed then, or never will be. Locks nothing else.
create function caretaker.cleanup_erasure_gate() returns bigint language sql immutable parallel safe as $$
  select hashtextextended('caretaker.cleanup-erasure', 0)
$$;

create function caretaker.enter_cleanup_erasure() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(caretaker.cleanup_erasure_gate());
  return null;
end;
$$;

-- A statement's trigger comes before its rows' numbers.
create trigger cleanup_erasure_gate
  before insert on caretaker.cleanup_erasure
  for each statement execute function caretaker.enter_cleanup_erasure();
