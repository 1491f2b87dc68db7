-- For ageing out: texts of statements go when no window of them is kept any more.
create index statement_text_first_seen_at on caretaker.statement_text (first_seen_at);
