-- Which columns the keys were of that these digests stand for, with how their values are written: where a policy goes by others
-- now, its digests of before recognise nobody, which a replay must say. Absent: of a row before this column was there. At once on a
-- large table.
alter table caretaker.cleanup_erasure add column columns text;
