-- Addresses that are never written to again, because a server said they do not exist, until an operator removes them.
create table caretaker.suppression (
  -- Lower case.
  address text not null,
  reason text not null,
  -- The mail that told; it may have aged out since.
  email_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  constraint suppression_pkey primary key (address)
);
