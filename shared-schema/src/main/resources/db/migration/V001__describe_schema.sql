-- The schema itself is made by Flyway. Its comment tells whoever finds it in the application's database what it is.
comment on schema caretaker is 'Caretaker: monitoring, retention and mail for this database. Owned by Flyway; do not edit by hand.';
