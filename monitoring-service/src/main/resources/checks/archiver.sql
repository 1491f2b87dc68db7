-- check: archiver
-- severity: critical
-- title: WAL archiving fails
-- advice: Backups have a hole from here on, and WAL fills the disk: look at archive_command and the server's log.
-- window: now
/* caretaker.check.archiver */
select
  coalesce(last_failed_wal, 'archiver') as object,
  failed_count || ' failures, the last at ' || last_failed_time || ', last success ' || coalesce(last_archived_time::text, 'never')
    as evidence,
  null::text as fix
from pg_stat_archiver
where current_setting('archive_mode') <> 'off'
  and last_failed_time is not null
  and last_failed_time > coalesce(last_archived_time, '-infinity')
