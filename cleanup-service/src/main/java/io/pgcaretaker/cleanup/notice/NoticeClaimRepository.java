package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One notice's way: claimed, handed over, followed up, settled, by the attempt that claimed it. Clocks are the database's. */
final class NoticeClaimRepository {

    /** Longer than handing over what is claimed in one go takes. */
    private static final Duration LEASE = Duration.ofMinutes(2);

    /** Those that are due for a step. The lease is the next attempt's time, so a crash after this only delays. */
    List<OpenNotice> claim(Session session, ArmedPolicy armed, int limit) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.notice-claim */
                        with due as materialized (
                          select id
                          from caretaker.deletion_notice
                          where policy = ?
                            and subject_table = ?
                            and ended_at is null
                            and state in ('waiting', 'accepted')
                            and next_attempt_at <= clock_timestamp()
                            and exists (select 1 from caretaker.cleanup_switch where not stopped)
                          order by next_attempt_at, id
                          limit ?
                          for update skip locked
                        )
                        update caretaker.deletion_notice n
                        set attempt = n.attempt + 1,
                            next_attempt_at = clock_timestamp() + ? * interval '1 second'
                        from due
                        where n.id = due.id
                        returning n.*, clock_timestamp() as now
                        """, armed.policy().name(), armed.table().name().quoted(), limit, LEASE.toSeconds()),
                NoticeClaimRepository::claimed);
    }

    private static OpenNotice claimed(ResultSet row) throws SQLException {
        return new OpenNotice(
                row.getObject("id", UUID.class),
                NoticeRepository.key(row.getString("subject_key")),
                row.getLong("subject_age"),
                row.getInt("edition"),
                row.getInt("attempt"),
                row.getTimestamp("purge_at").toInstant(),
                row.getString("email_id"),
                NoticeRepository.instant(row, "accepted_at"),
                row.getTimestamp("now").toInstant());
    }

    /** Another mail of the same notice, with another day in it. */
    boolean renew(Session session, OpenNotice notice, Instant purgeAt) throws SQLException {
        return session.update(Sql.of("""
                        /* caretaker.cleanup.notice-renew */
                        update caretaker.deletion_notice
                        set state = 'waiting',
                            edition = edition + 1,
                            purge_at = cast(? as timestamptz),
                            email_id = null,
                            accepted_at = null
                        where id = cast(? as uuid)
                          and attempt = ?
                          and ended_at is null
                        """, purgeAt.toString(), notice.id().toString(), notice.attempt())) == 1;
    }

    void accepted(Session session, OpenNotice notice, String emailId, Duration firstLook) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.notice-accepted */
                update caretaker.deletion_notice
                set state = 'accepted',
                    email_id = cast(? as uuid),
                    accepted_at = clock_timestamp(),
                    next_attempt_at = clock_timestamp() + ? * interval '1 second'
                where id = cast(? as uuid)
                  and attempt = ?
                  and ended_at is null
                """, emailId, firstLook.toSeconds(), notice.id().toString(), notice.attempt()));
    }

    void later(Session session, OpenNotice notice, Duration pause) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.notice-later */
                update caretaker.deletion_notice
                set next_attempt_at = clock_timestamp() + ? * interval '1 second'
                where id = cast(? as uuid)
                  and attempt = ?
                  and ended_at is null
                """, pause.toSeconds(), notice.id().toString(), notice.attempt()));
    }

    /** Claimed and not tried: as if it had not been claimed. */
    void giveBack(Session session, OpenNotice notice) throws SQLException {
        session.update(Sql.of("""
                /* caretaker.cleanup.notice-give-back */
                update caretaker.deletion_notice
                set attempt = attempt - 1,
                    next_attempt_at = clock_timestamp()
                where id = cast(? as uuid)
                  and attempt = ?
                  and ended_at is null
                """, notice.id().toString(), notice.attempt()));
    }

    /** Delivered, or known not to be; from {@code dueAt} on the row may go, without it not before somebody decides. */
    void settle(Session session, OpenNotice notice, @Nullable String reason, @Nullable Instant dueAt)
            throws SQLException {
        session.update(Sql.of(
                """
                /* caretaker.cleanup.notice-settle */
                update caretaker.deletion_notice
                set state = ?,
                    reason = nullif(?, ''),
                    settled_at = clock_timestamp(),
                    due_at = cast(nullif(?, '') as timestamptz)
                where id = cast(? as uuid)
                  and attempt = ?
                  and ended_at is null
                """,
                reason == null ? "delivered" : "undeliverable",
                reason == null ? "" : reason,
                dueAt == null ? "" : dueAt.toString(),
                notice.id().toString(),
                notice.attempt()));
    }

    /** How many it ended. */
    int withdraw(Session session, UUID notice) throws SQLException {
        return NoticeRepository.end(session, "withdrawn", Sql.of("id = cast(? as uuid)", notice.toString()));
    }
}
