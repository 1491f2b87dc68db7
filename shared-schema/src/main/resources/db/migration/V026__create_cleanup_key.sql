-- The key of the pseudonyms that an anonymising policy writes. It stays in the database: sent along with each statement, it
-- would end up in the server's log. Kept as HMAC-SHA256 uses it, xored with the two pads, since bytea has no xor.
create table caretaker.cleanup_key (
  id smallint not null default 1,
  inner_pad bytea not null,
  outer_pad bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint cleanup_key_pkey primary key (id),
  constraint cleanup_key_only_one_check check (id = 1)
);

do $$
declare
  -- Four random UUIDs: 488 random bits.
  secret bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  inner_pad bytea := secret;
  outer_pad bytea := secret;
begin
  for i in 0..63 loop
    inner_pad := set_byte(inner_pad, i, get_byte(secret, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(secret, i) # 92);
  end loop;
  insert into caretaker.cleanup_key (inner_pad, outer_pad) values (inner_pad, outer_pad);
end
$$;

-- HMAC-SHA256 of a text, recognisable: the same value always gives the same pseudonym, and nobody without the key can tell
-- of which value it is.
create function caretaker.pseudonym(value text) returns text language sql stable strict parallel safe as $$
  select 'hmac:' || encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(value, 'UTF8'))), 'hex')
  from caretaker.cleanup_key k
$$;
