-- Notices that have ended stay for months, and may be millions beside hundreds of thousands that are open. What could not be
-- delivered is looked for in each round, a minute apart, and listed for who is to mend the addresses. The table is locked against
-- changes meanwhile: a moment, and some seconds where it has millions of rows.
create index deletion_notice_undeliverable on caretaker.deletion_notice (policy, settled_at, id)
  where ended_at is null and state = 'undeliverable';

-- What ends where a policy tells nobody any more goes by some at a time, and each time begins where the last one ended.
create index deletion_notice_open_policy on caretaker.deletion_notice (policy, id) where ended_at is null;
