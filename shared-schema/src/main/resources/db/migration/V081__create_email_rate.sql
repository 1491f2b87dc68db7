-- How fast mail goes to one domain or one address, over all replicas. Each mail takes the next place in a row of places that
-- lie one interval apart; next_at is the first that is free. Rows of the past mean nothing and are removed.
create table caretaker.email_rate (
  -- domain or recipient
  scope text not null,
  -- Lower case.
  name text not null,
  next_at timestamptz not null,
  constraint email_rate_pkey primary key (scope, name)
);

-- A mail that waits for its place: when that is, and which rate makes it wait. No default, so adding them rewrites nothing.
alter table caretaker.email_due add column paced_at timestamptz;
alter table caretaker.email_due add column paced_by text;
