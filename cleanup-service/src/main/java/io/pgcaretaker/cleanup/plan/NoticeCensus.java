package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.NoticeStatements;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Counts whom a policy tells; changes nothing. */
public final class NoticeCensus {

    private NoticeCensus() {}

    /** Open notices by state, and under {@code held} those whose row stays until somebody decides. */
    public static Map<String, Long> open(Session session, String policy) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        session.query(Sql.of("""
                        /* caretaker.cleanup.notice-counts */
                        select
                          case when state = 'undeliverable' and due_at is null then 'held' else state end as word,
                          count(*)
                        from caretaker.deletion_notice
                        where policy = ?
                          and ended_at is null
                        group by word
                        """, policy), row -> counts.put(row.getString(1), row.getLong(2)));
        return counts;
    }

    /** Rows that will be old enough at the cutoff and have no notice, counted no further than the policy's limit. */
    public static long untold(Session session, ArmedPolicy armed, Instant cutoff) throws SQLException {
        long most = armed.policy().limits().maxRows() + 1;
        return session.first(new NoticeStatements(armed).countUntold(session, cutoff, most), row -> row.getLong(1))
                .orElse(0L);
    }
}
