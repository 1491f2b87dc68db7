-- collector: settings
-- pace: slow
-- named: gauge
/* caretaker.collect.settings */
-- As postgres_exporter names them: dots and dashes become underscores, units become seconds or bytes, but -1 (off) stays.
with settings as materialized (
  select name, vartype,
    -- What this session set for itself is not the server's setting.
    case
      when name = 'transaction_read_only' then case when pg_is_in_recovery() then 'on' else 'off' end
      when source = 'client' then boot_val
      when source = 'session' then reset_val
      else setting
    end as setting,
    case
      when unit in ('ms', 's', 'min', 'h', 'd') then 'seconds'
      when unit ~ '^[0-9]*([kMGT]?B)$' then 'bytes'
    end as base,
    case unit
      when 'ms' then 0.001 when 's' then 1 when 'min' then 60 when 'h' then 3600 when 'd' then 86400
      else
        coalesce(nullif(substring(unit from '^[0-9]+'), ''), '1')::float8
          * case substring(unit from '[kMGT]?B$')
              when 'B' then 1 when 'kB' then 1024 when 'MB' then 1048576 when 'GB' then 1073741824
              when 'TB' then 1099511627776
            end
    end as factor,
    unit
  from pg_settings
  where vartype in ('bool', 'integer', 'real')
    and name <> 'sync_commit_cancel_wait'
)
select
  'pg_settings_' || translate(name, '.-', '__') || coalesce('_' || base, '') as metric,
  'Server Parameter: ' || name || coalesce(' [Units converted to ' || base || '.]', '') as help,
  case
    when vartype = 'bool' then case setting when 'on' then 1 else 0 end
    when setting::float8 = -1 or factor is null then setting::float8
    else setting::float8 * factor
  end as value
from settings
where unit is null
  or base is not null
order by name
