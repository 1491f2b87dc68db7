-- Signs restore links. In the database, so that all replicas have it without being told: who could read it can read and
-- change far more than a link lets do.
create table caretaker.deletion_notice_key (
  id smallint not null default 1,
  key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint deletion_notice_key_pkey primary key (id),
  constraint deletion_notice_key_only_one_check check (id = 1)
);

-- Four random UUIDs: 488 random bits.
insert into caretaker.deletion_notice_key (key)
values (
  uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
