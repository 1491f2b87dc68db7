-- Incidents go a year after their end; those that ended in a digest's time are looked for by it, too.
create index incident_resolved_at on caretaker.incident (resolved_at) where resolved_at is not null;
