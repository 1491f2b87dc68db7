package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.database.DatabaseUrl;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Migrations that build tables anew know nothing of the triggers by which held rows are guarded. */
class HoldScheduleDbTest extends CleanupDbTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CleanupMetrics metrics = new CleanupMetrics(registry);
    private TestWorker worker;
    private HoldSchedule schedule;

    @BeforeEach
    void holdALetter() throws Exception {
        database.execute("create table letters (id int primary key, at timestamptz); create index on letters (at, id);"
                + " insert into letters select n, now() - interval '40 days' from generate_series(1, 9) as n;"
                + " analyze letters");
        worker = new TestWorker(
                database,
                TestPolicy.settings(
                        Map.of(),
                        TestPolicy.of("old-letters", "letters", "P30D"),
                        TestPolicy.of("old-mail", "mail", "P30D")));
        schedule = new HoldSchedule(worker.policies, worker.transactions, metrics);
        TestHolds holds = new TestHolds(worker);
        holds.hold("old-letters", "7");
        assertThat(holds.guard("old-letters")).isEmpty();
    }

    private void buildAnew() {
        database.execute(
                "create table letters_new (like letters including all); insert into letters_new select * from letters;"
                        + " alter table letters rename to letters_old; alter table letters_new rename to letters;"
                        + " drop table letters_old");
    }

    private String tables() {
        return Stream.of("guarded", "unguarded", "missing")
                .map(state -> (int) registry.get("caretaker.cleanup.held.tables")
                        .tag("state", state)
                        .gauge()
                        .value())
                .toList()
                .toString();
    }

    /** Of a database that was restored from a dump: in one statement they would be over its deadline each time. */
    @Test
    void manyHoldsFindTheirTableSomeAtATime() throws Exception {
        database.execute("""
                insert into caretaker.legal_hold (case_id, policy, subject_table, subject_oid, subject_key, reason, placed_by)
                select 'case', 'old-letters', '"public"."letters"', 4294967295, '["' || n || '"]', 'why', 'who'
                from generate_series(100, 6099) as n;
                create table found_at_once (rows bigint);
                create function note_found() returns trigger language plpgsql as $$
                begin
                  insert into found_at_once select count(*) from found;
                  return null;
                end $$;
                create trigger note_found after update on caretaker.legal_hold
                  referencing new table as found for each statement execute function note_found();
                """);

        schedule.look();

        assertThat(database.queryLong("select max(rows) from found_at_once")).isEqualTo(5_000);
        assertThat(database.queryLong("select count(*) from caretaker.legal_hold"
                        + " where subject_oid = 'letters'::regclass and released_at is null"))
                .isEqualTo(6_001);
    }

    @Test
    void aTableThatIsBuiltAnewIsGuardedAnew() throws Exception {
        buildAnew();
        database.execute("delete from letters where id = 1");

        schedule.look();

        assertThatThrownBy(() -> database.execute("delete from letters"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThatThrownBy(() -> database.execute("truncate letters"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThat(tables()).isEqualTo("[1, 0, 0]");
        assertThat(run(worker.runNow("old-letters"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 7");
    }

    @Test
    void aTableThatIsBuiltAnewIsNotForgottenByAnotherName() throws Exception {
        buildAnew();
        schedule.look();
        database.execute("alter table letters rename to mail");

        worker.runNow("old-mail");

        assertThat(database.queryLong("select count(*) from mail where id = 7")).isEqualTo(1);
        schedule.look();
        assertThat(tables()).as("its holds name nothing").isEqualTo("[0, 0, 1]");
    }

    @Test
    void aPartitionThatCameLaterIsGuardedWithoutAnotherHold() throws Exception {
        database.execute(
                "drop table letters; create table letters (id int primary key, at timestamptz) partition by range (id);"
                        + " create table letters_0 partition of letters for values from (0) to (10);"
                        + " insert into letters values (7, now() - interval '40 days')");
        schedule.look();
        database.execute("create table letters_1 partition of letters for values from (10) to (20)");

        schedule.look();

        assertThatThrownBy(() -> database.execute("truncate letters_1"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
    }

    @Test
    void whereTheRoleMayPutNoTriggerOnTheTableCountsAsUnguarded() throws Exception {
        buildAnew();
        String role = "cleaner_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select, update on caretaker.legal_hold to " + role);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser(role);
        source.setPassword("postgres");

        new HoldSchedule(worker.policies, new Transactions(source), metrics).look();

        assertThat(tables()).isEqualTo("[0, 1, 0]");
        schedule.look();
        assertThat(tables()).isEqualTo("[1, 0, 0]");
    }
}
