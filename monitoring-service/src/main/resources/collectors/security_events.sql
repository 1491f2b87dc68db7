-- collector: security_events
-- pace: fast
-- needs: the table caretaker.security_event (run the migration) and select on it
/* caretaker.collect.security-events */
select count(*) as failed_authentications
from caretaker.security_event
where occurred_at > now() - make_interval(secs => ?)
  and event in ('authn_login_fail', 'authn_login_fail_max')
