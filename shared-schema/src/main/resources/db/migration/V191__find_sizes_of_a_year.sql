-- A year of sizes are two million rows: the first and the last one of each table in a time are looked for, not all between them.
create index size_sample_table on caretaker.size_sample (schema_name, table_name, taken_at);
