-- check: pending-restart
-- severity: info
-- title: Settings that wait for a restart
-- advice: Restart in the next window, or take the change back.
-- needs: the grant pg_read_all_settings (part of pg_monitor)
-- grant: pg_read_all_settings
/* caretaker.check.pending-restart */
select
  name as object,
  'was changed and takes effect at the next restart' as evidence,
  null::text as fix
from pg_settings
where pending_restart
order by name
limit 100
