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
