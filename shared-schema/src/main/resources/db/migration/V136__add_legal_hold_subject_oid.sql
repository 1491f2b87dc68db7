-- Which table a hold was placed on, whatever that is called later: a policy of another name, or one that would take its rows along,
-- does not know that held rows lie there. By its oid and not by name alone; in a restored database oids are others, and there the
-- name is the same. Absent: placed by an earlier version after this migration.
alter table caretaker.legal_hold add column subject_oid oid;

update caretaker.legal_hold h
set subject_oid = c.oid
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where h.released_at is null
  and h.subject_table = '"' || replace(n.nspname, '"', '""') || '"."' || replace(c.relname, '"', '""') || '"';
