-- Notices that have ended stay for months, and may be millions. Each round, a minute apart, looks through a policy's open ones by
-- their ids, and without this went through all of the table where the policy has few; what ends when a policy tells nobody any
-- more is found by it too. A table without notices is locked against changes for a moment, one of two million for some seconds.
create index deletion_notice_open_policy on caretaker.deletion_notice (policy, id) where ended_at is null;

-- What each round lets go or holds back, and what is listed for who is to mend the addresses.
create index deletion_notice_undeliverable on caretaker.deletion_notice (policy, settled_at, id)
  where ended_at is null and state = 'undeliverable';
