-- collector: buffercache_summary
-- pace: slow
-- versions: 160000-
-- needs: the extension pg_buffercache (create extension pg_buffercache) and the grant pg_monitor
-- prefix: pg_buffercache_summary_
-- gauge: buffers_used Number of used shared buffers
-- gauge: buffers_unused Number of unused shared buffers
-- gauge: buffers_dirty Number of dirty shared buffers
-- gauge: buffers_pinned Number of pinned shared buffers
-- gauge: usagecount_avg Average usage count of used shared buffers
/* caretaker.collect.buffercache_summary */
select buffers_used, buffers_unused, buffers_dirty, buffers_pinned, usagecount_avg
from pg_buffercache_summary()
