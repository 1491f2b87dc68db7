-- The sample application: the tables that applications of this kind have, with rows on both sides of every boundary.
-- 20,000 users and ten times as many dependents. "timestamp" columns are without time zone and hold UTC, as ORMs make
-- them. Deterministic but for gen_random_uuid() and the time of loading. Keys and indexes come after the rows, in half the
-- time.

create table users (
  id text default gen_random_uuid()::text,
  email text not null,
  username text not null,
  password_hash text not null,
  is_deleted boolean not null default false,
  deleted_at timestamp,
  created_at timestamp not null default (now() at time zone 'UTC'),
  updated_at timestamp not null default (now() at time zone 'UTC')
);

create table password_reset_tokens (
  id text default gen_random_uuid()::text,
  user_id text not null,
  token_hash text not null,
  expires_at timestamp not null,
  used boolean not null default false,
  created_at timestamp not null default (now() at time zone 'UTC')
);

-- As connect-pg-simple makes it: no user column, the session's content is JSON.
create table user_sessions (
  sid text,
  sess json not null,
  expire timestamp(6) not null
);

create table user_api_keys (
  id text default gen_random_uuid()::text,
  user_id text not null,
  name text not null,
  key_hash text not null,
  last_used_at timestamp,
  created_at timestamp not null default (now() at time zone 'UTC')
);

create table prompts (
  id text default gen_random_uuid()::text,
  -- Null: written by a visitor who had not signed in.
  user_id text,
  title text not null,
  body text not null,
  created_at timestamp not null default (now() at time zone 'UTC'),
  updated_at timestamp not null default (now() at time zone 'UTC')
);

-- Users 1..1000: deleted long ago, to go. 1001..1040: just over 30 days (one hour). 1041..1080: just under (one hour).
-- 1081..1600: inside the window. 1601..1620: marked deleted without a time. 1621..1640: restored, the old time still
-- there. 1641..1650: a time in the future. All others live.
insert into users (id, email, username, password_hash, is_deleted, deleted_at, created_at, updated_at)
select
  gen_random_uuid()::text,
  'user' || n || '@example.com',
  'user' || n,
  md5('password' || n),
  n <= 1620 or n between 1641 and 1650,
  case
    when n <= 1000 then u.now - interval '31 days' - make_interval(hours => n)
    when n <= 1040 then u.now - interval '30 days' - interval '1 hour'
    when n <= 1080 then u.now - interval '30 days' + interval '1 hour'
    when n <= 1600 then u.now - make_interval(hours => n % 600)
    when n <= 1620 then null
    when n <= 1640 then u.now - interval '60 days'
    when n <= 1650 then u.now + interval '10 days'
  end,
  u.now - interval '2 years' + make_interval(mins => n),
  u.now - make_interval(mins => n)
from generate_series(1, 20000) as n,
  (select now() at time zone 'UTC' as now) as u;

-- Somebody else has taken the name and the address of user 1100, who is still inside the window.
insert into users (email, username, password_hash)
values ('user1100@example.com', 'user1100', md5('taken'));
delete from users where username = 'user20000';

-- 20,000 tokens, one a user: a quarter expired, half of all used.
insert into password_reset_tokens (user_id, token_hash, expires_at, used, created_at)
select
  id,
  md5('token' || id),
  case
    when n % 4 = 0 then u.now - make_interval(mins => 5 + n)
    else u.now + interval '2 days' + make_interval(mins => n)
  end,
  n % 2 = 0,
  u.now - make_interval(days => n % 20)
from (select id, (row_number() over (order by username))::int as n from users) as numbered,
  (select now() at time zone 'UTC' as now) as u;

-- 60,000 sessions: a third expired.
insert into user_sessions (sid, sess, expire)
select
  md5('session' || n),
  json_build_object('cookie', json_build_object('originalMaxAge', 86400000), 'visits', n % 50),
  case
    when n % 3 = 0 then u.now - make_interval(mins => 5 + n % 40000)
    else u.now + interval '1 day' + make_interval(mins => n % 40000)
  end
from generate_series(1, 60000) as n,
  (select now() at time zone 'UTC' as now) as u;

-- 20,000 API keys, one a user.
insert into user_api_keys (user_id, name, key_hash, created_at)
select id, 'default', md5('key' || id), created_at
from users;

-- 100,000 prompts: five for each of 19,000 users, the other 5,000 anonymous, half of those older than 90 days.
insert into prompts (user_id, title, body, created_at)
select
  case when n <= 95000 then owners.id end,
  'Prompt ' || n,
  repeat('Write a short text about number ' || n || '. ', 4),
  u.now - make_interval(days => n % 180)
from generate_series(1, 100000) as n
left join (select id, row_number() over (order by username) as number from users) as owners
  on n <= 95000 and owners.number = 1 + n % 19000,
  (select now() at time zone 'UTC' as now) as u;

-- Keys first: foreign keys refer to them.
alter table users add primary key (id);
-- Unique among the living only: a name is free again when its owner has left, which is what a restore can trip over.
create unique index users_email_unique on users (lower(email)) where not is_deleted;
create unique index users_username_unique on users (lower(username)) where not is_deleted;
create index users_deleted_at on users (deleted_at, id) where is_deleted;

alter table password_reset_tokens add primary key (id);
alter table password_reset_tokens add unique (token_hash);
create index password_reset_tokens_user_id on password_reset_tokens (user_id);
create index password_reset_tokens_expires_at on password_reset_tokens (expires_at, id);
create index password_reset_tokens_used on password_reset_tokens (created_at, id) where used;
alter table password_reset_tokens add foreign key (user_id) references users (id) on delete cascade;

alter table user_sessions add primary key (sid);
create index user_sessions_expire on user_sessions (expire, sid);

alter table user_api_keys add primary key (id);
alter table user_api_keys add unique (key_hash);
create index user_api_keys_user_id on user_api_keys (user_id);
alter table user_api_keys add foreign key (user_id) references users (id) on delete cascade;

alter table prompts add primary key (id);
create index prompts_user_id on prompts (user_id);
create index prompts_created_at on prompts (created_at, id);
alter table prompts add foreign key (user_id) references users (id) on delete cascade;
