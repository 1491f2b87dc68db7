package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Notices that have ended are kept for months, and there may be many open ones: no statement is about all of them. */
class NoticesOfYearsDbTest extends UsersToTell {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    private static final int ENDED = 30_000;
    private static final int OPEN = 2_500;

    private final NoticeRepository notices = new NoticeRepository();

    NoticesOfYearsDbTest() {
        super(DATABASE);
    }

    @BeforeEach
    void ofYears() {
        database.execute("""
                insert into caretaker.deletion_notice (policy, subject_table, state, purge_at, ended_at)
                select 'soft-deleted-users', '"public"."users"', 'purged', at, at
                from generate_series(1, %d) as n,
                  lateral (select clock_timestamp() - n * interval '1 minute' as at) as minutes
                """.formatted(ENDED));
        database.execute(open("others", "others", "undeliverable", OPEN));
        database.execute(open(USERS, "users", "delivered", ENDED));
        database.execute("vacuum analyze caretaker.deletion_notice");
        database.execute("""
                create table changed_at_once (rows bigint);
                create function note_changed() returns trigger language plpgsql as $$
                begin
                  insert into changed_at_once select count(*) from changed;
                  return null;
                end $$;
                create trigger note_changed after update on caretaker.deletion_notice
                  referencing new table as changed for each statement execute function note_changed();
                """);
    }

    @AfterEach
    void forget() {
        database.execute("drop trigger note_changed on caretaker.deletion_notice; drop function note_changed;"
                + " drop table changed_at_once; truncate caretaker.deletion_notice");
    }

    private static String open(String policy, String table, String state, int notices) {
        return """
                insert into caretaker.deletion_notice
                  (policy, subject_table, subject_key, subject_age, state, purge_at, settled_at)
                select '%s', '"public"."%s"', '["' || n || '"]', n, '%s', now(), now()
                from generate_series(1, %d) as n
                """.formatted(policy, table, state, notices);
    }

    @Test
    void areNotReadToLetGoOrHoldBack() {
        ArmedPolicy armed = armed(worker(Map.of()));

        assertThat(read(session -> notices.holdBack(session, armed))).isLessThan(ENDED / 100);
        assertThat(read(session -> notices.letGo(session, armed, Instant.now())))
                .isLessThan(ENDED / 100);
    }

    @Test
    void manyOfAPolicyThatTellsNobodyAnyMoreEndSomeAtATime() throws Exception {
        int ended = worker(Map.of())
                .transactions
                .untilNone("test", session -> notices.endOfOthers(session, List.of(USERS)));

        assertThat(ended).isEqualTo(OPEN);
        assertThat(mostAtOnce()).isEqualTo(1_000);
    }

    @Test
    void manyThatCouldNotBeDeliveredAreSentAgainSomeAtATime() throws Exception {
        int retried = worker(Map.of()).transactions.untilNone("test", session -> notices.retry(session, "others"));

        assertThat(retried).isEqualTo(OPEN);
        assertThat(mostAtOnce()).isEqualTo(1_000);
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice"
                        + " where policy = 'others' and state = 'waiting' and edition = 2"))
                .isEqualTo(OPEN);
    }

    @Test
    void manyThatWereHeldBackAreLetGoSomeAtATime() throws Exception {
        database.execute("update caretaker.deletion_notice set state = 'undeliverable'"
                + " where policy = 'soft-deleted-users' and ended_at is null and subject_age <= 2500;"
                + " truncate changed_at_once");

        new TestNotices(worker(Map.of("user-notice-undeliverable", "purge"))).tick();

        assertThat(mostAtOnce()).isEqualTo(1_000);
        assertThat(database.queryLong("select count(*) from caretaker.deletion_notice"
                        + " where policy = 'soft-deleted-users' and state = 'undeliverable' and due_at is null"))
                .isZero();
    }

    private long mostAtOnce() throws SQLException {
        return database.queryLong("select max(rows) from changed_at_once");
    }

    /** Of the notices' rows, in a transaction of its own. */
    private long read(Ask ask) {
        return worker(Map.of()).transactions.run("test.notices", session -> {
            ask.of(session);
            return session.first(Sql.of("""
                            select /* caretaker.test.read */ seq_tup_read + idx_tup_fetch
                            from pg_stat_xact_user_tables
                            where relid = 'caretaker.deletion_notice'::regclass
                            """), row -> row.getLong(1)).orElseThrow();
        });
    }

    private interface Ask {
        int of(Session session) throws SQLException;
    }

    private static ArmedPolicy armed(TestWorker worker) {
        return ((Readiness.Armed) worker.check(USERS)).policy();
    }
}
