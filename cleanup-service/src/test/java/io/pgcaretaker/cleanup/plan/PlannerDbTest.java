package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a plan says, number by number, of tables whose rows are known; and that it changes nothing. */
class PlannerDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY =
            TestPolicy.of("old-notes", "notes", "P10D").limits(500, 0.5);

    private Clock clock = Clock.systemUTC();

    private TestWorker worker(TestPolicy policy) {
        return new TestWorker(database, policy.settings(Map.of("public-url", "https://app.example.com")));
    }

    private Plan plan(TestWorker worker) {
        return new Planner(
                        worker.policies,
                        worker.transactions,
                        worker.preflight(),
                        new Census(worker.transactions),
                        Duration.ofMinutes(1),
                        clock)
                .plan(worker.policy("old-notes"));
    }

    /** 300 of 1,000 notes are expired, 20 to 11 days old; every third note has a comment, 100 of them on expired ones. */
    private void makeNotes() {
        database.execute("""
                create table notes (id bigint primary key, at timestamptz, text text);
                insert into notes select n, now() - case when n <= 300 then interval '20 days' else interval '1 day' end
                  + case when n = 300 then interval '9 days' else interval '0' end, repeat('x', 100) from generate_series(1, 1000) as n;
                create index notes_at on notes (at, id);
                create table comments (id bigint primary key, note_id bigint references notes on delete cascade);
                create index comments_note on comments (note_id);
                insert into comments select n, n from generate_series(3, 1000, 3) as n;
                analyze
                """);
    }

    @Test
    void everyNumberIsWhatIsThere() throws Exception {
        makeNotes();
        TestWorker worker = worker(POLICY);

        Plan plan = plan(worker);

        assertThat(plan.state()).isEqualTo("armed");
        assertThat(plan.rows()).isEqualTo(300);
        assertThat(plan.atLeast()).isFalse();
        assertThat(plan.tableRows()).isEqualTo(1000);
        assertThat(age(plan.oldest())).isEqualTo(20);
        assertThat(age(plan.newest())).isEqualTo(11);
        assertThat(plan.dependents()).containsExactly(new Plan.DependentRows("public.comments", 100L, "delete"));
        assertThat(plan.strategy()).isEqualTo("keyset");
        assertThat(plan.breaker()).isEqualTo(new Plan.Breaker("pass", List.of(), 500, 0.5));
        long bytes = database.queryLong("select pg_relation_size('notes')");
        assertThat(plan.estimate()).isEqualTo(new Plan.Estimate(bytes * 300 / 1000, 300 * 290, 1));
        assertThat(database.queryLong("select count(*) from notes")).isEqualTo(1000);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_run"))
                .isZero();
    }

    @Test
    void anAgeThatIsANumberIsSaidAsATime() {
        database.execute("""
                create table notes (id bigint primary key, at bigint);
                create index notes_at on notes (at, id);
                insert into notes select n, extract(epoch from now() - interval '1 hour' - n * interval '1 day')::bigint * 1000 from generate_series(0, 40) as n;
                insert into notes values (1000, 0), (1001, -1), (1002, 9223372036854775807), (1003, null);
                analyze
                """);

        Plan plan = plan(worker(POLICY.with("age", "{ column: at, means: event, epoch: milliseconds }")));

        assertThat(plan.rows()).isEqualTo(31);
        assertThat(age(plan.oldest())).isEqualTo(40);
        assertThat(age(plan.newest())).isEqualTo(10);
    }

    /** As applications write that know no better. */
    @Test
    void anAgeOfLongAgoIsWhatItIs() {
        makeNotes();
        database.execute("update notes set at = '0001-01-01 00:00:00+00' where id = 1");

        assertThat(plan(worker(POLICY)).oldest()).isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
    }

    /** Of the 100 comments on expired notes, 50 are answers to one, too, and so are 33 others. */
    @Test
    void whatTwoForeignKeysLeadToIsCountedOnce() {
        makeNotes();
        database.execute("""
                alter table comments add answers bigint references notes on delete cascade;
                create index comments_answers on comments (answers);
                update comments set answers = case when id % 2 = 0 and id <= 300 then 7 when id between 301 and 399 then 8 end
                """);

        assertThat(plan(worker(POLICY)).dependents())
                .containsExactly(new Plan.DependentRows("public.comments", 133L, "delete"));
    }

    /** Nothing goes with a note there, and nothing keeps the note: whoever made such a key may take it for one that acts. */
    @Test
    void aKeyThatIsNotEnforcedIsTold() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(180_000);
        makeNotes();
        database.execute("""
                create table likes (note bigint references notes on delete cascade not enforced,
                  comment bigint references comments not enforced);
                create table votes (comment bigint references comments not enforced);
                """);

        assertThat(plan(worker(POLICY)).dependents())
                .containsExactly(
                        new Plan.DependentRows("public.comments", 100L, "delete"),
                        new Plan.DependentRows("public.likes", null, "not enforced"),
                        new Plan.DependentRows("public.votes", null, "not enforced"));
    }

    private static long age(Instant instant) {
        return Duration.between(Objects.requireNonNull(instant), Instant.now()).toDays();
    }

    @Test
    void theBreakersWordAndTheRateOfTheLastRunAreInIt() throws Exception {
        makeNotes();
        TestWorker worker = worker(POLICY.limits(299, 0.5));
        database.execute(
                "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state,"
                        + " rows_deleted, started_at, finished_at) values ('old-notes', '', 'enforce', 'manual', now(), 't',"
                        + " 'completed', 1000, now() - interval '20 seconds', now())");

        Plan plan = plan(worker);

        // Who approves a run, or sets the limit, has to know how many there are.
        assertThat(plan.rows()).isEqualTo(300);
        assertThat(plan.atLeast()).isFalse();
        Plan.Breaker breaker = Objects.requireNonNull(plan.breaker());
        assertThat(breaker.verdict()).isEqualTo("breaker-rows");
        assertThat(breaker.trips().get(0).detail()).startsWith("300 rows of about 1000 would go");
        assertThat(Objects.requireNonNull(plan.estimate()).seconds())
                .as("300 rows at the last run's 50 a second")
                .isEqualTo(6);
    }

    /** Five runs of a longer retention found a row each, long ago; this process's clock is an hour behind. */
    @Test
    void itSaysWhatEveryBreakerWould() throws Exception {
        makeNotes();
        database.execute(
                "insert into notes select n, now() - interval '20 days', '' from generate_series(2000, 4999) as n");
        database.execute(
                "insert into caretaker.cleanup_run (policy, policy_hash, mode, trigger, slot, requested_by, state,"
                        + " rows_matched, breaker_passed_at, retention, cutoff, started_at, finished_at)"
                        + " select 'old-notes', '', 'enforce', 'schedule', at, 't', 'completed', 1, at, 'P11D',"
                        + " at - interval '11 days', at, at"
                        + " from (select now() - n * interval '1 day' as at from generate_series(90, 94) as n) as runs");
        TestWorker worker = worker(POLICY.limits(4_000, 0.5));

        assertThat(trips(plan(worker)))
                .containsExactly("clock-jump", "breaker-fraction", "retention-shortened", "breaker-drift");

        clock = Clock.offset(clock, Duration.ofHours(-1));
        assertThat(trips(plan(worker)))
                .containsExactly("clock-skew", "breaker-fraction", "retention-shortened", "breaker-drift");
    }

    /** The first of them is the verdict. */
    private static List<String> trips(Plan plan) {
        Plan.Breaker breaker = Objects.requireNonNull(plan.breaker());
        List<String> words =
                breaker.trips().stream().map(Plan.BreakerTrip::verdict).toList();
        assertThat(breaker.verdict()).isEqualTo(words.get(0));
        return words;
    }

    /** Where counting does not come to an end in time, the plan says what statistics do. */
    @Test
    void whatCannotBeCountedInTimeIsEstimated() throws Exception {
        makeNotes();
        TestWorker worker = worker(POLICY);
        Census census = new Census(worker.transactions);
        Statements statements = statements(worker);
        // A lock that outlasts the plan's patience stands for a table that is too large.
        try (OpenTransaction connection =
                OpenTransaction.begin(database, "lock table caretaker.legal_hold in access exclusive mode")) {
            assertThat(census.quickSummary(statements)).isEqualTo(new Census.Summary(0, false, null, null));
            connection.rollback();
        }
        assertThat(census.estimate(statements)).as("of 300").isBetween(200L, 400L);
        assertThat(census.quickSummary(statements).rows()).isEqualTo(300);
    }

    private Statements statements(TestWorker worker) {
        Readiness.Armed armed = (Readiness.Armed) worker.check("old-notes");
        return new Statements(armed.policy(), Instant.now().minus(Duration.ofDays(10)));
    }

    /** 299 notes are 20 days old, one 11; all others one day. Five have been told, one of them long ago. */
    @Test
    void itSaysHowManyWaitForTheirNotice() throws Exception {
        makeNotes();
        database.execute("alter table notes add email text, add gone boolean not null default true");
        database.execute(
                "insert into caretaker.deletion_notice (policy, subject_table, subject_key, subject_age, state,"
                        + " purge_at, due_at) select 'old-notes', '\"public\".\"notes\"', jsonb_build_array(id::text)::text,"
                        + " round(extract(epoch from at) * 1000000)::bigint,"
                        + " case when id < 3 then 'delivered' when id < 4 then 'undeliverable' else 'accepted' end, now(),"
                        + " case id when 1 then now() - interval '1 hour' when 2 then now() + interval '1 hour' end"
                        + " from notes where id <= 5");

        Plan plan = plan(worker(POLICY.with("notice", "{ before: P1D, email-column: email }")
                .with("restore", "[ { column: gone, to: false } ]")));

        assertThat(plan.reasons()).isEmpty();
        assertThat(plan.rows()).as("only one of them could go now").isEqualTo(1);
        assertThat(plan.notices())
                .isEqualTo(new Plan.Notices("P1D", 295L, Map.of("delivered", 2L, "held", 1L, "accepted", 2L)));
    }

    @Test
    void partitionsThatGoAreCountedAndThoseThatStayAreNot() throws Exception {
        database.execute("""
                create table notes (id bigint, at timestamptz) partition by range (at);
                create table notes_old partition of notes for values from (minvalue) to ('2020-01-01');
                create table notes_new partition of notes default;
                insert into notes select n, '2019-06-01' from generate_series(1, 30) as n;
                insert into notes select n, now() from generate_series(1, 70) as n
                """);

        Plan plan = plan(worker(POLICY.with("action", "drop-partitions")));

        assertThat(plan.rows()).isEqualTo(30);
        assertThat(plan.tableRows()).isEqualTo(100);
        assertThat(plan.strategy()).isEqualTo("partitions");
        assertThat(plan.strategyReason()).isEqualTo("1 of 2 partitions lie wholly before the cutoff and are dropped");
        assertThat(plan.oldest()).isEqualTo(Instant.parse(oldest()));
        assertThat(plan.estimate())
                .isEqualTo(new Plan.Estimate(database.queryLong("select pg_relation_size('notes_old')"), 0, 1));

        database.execute("insert into notes values (101, '2020-02-01Z')");

        assertThat(plan(worker(POLICY.with("action", "drop-partitions"))).strategyReason())
                .endsWith("; the default partition stays, and so do its rows that are too old, the oldest from"
                        + " 2020-02-01T00:00:00Z");
    }

    private String oldest() throws Exception {
        return text("select to_char(min(at) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from notes_old");
    }

    /** A terabyte, of whose hundred million rows the half goes. */
    @Test
    void theCostsOfALargeTableAreNumbersToo() throws Exception {
        makeNotes();
        TestWorker worker = worker(POLICY);
        ArmedPolicy armed = ((Readiness.Armed) worker.check("old-notes")).policy();
        Table table = armed.table();
        Table large = new Table(
                table.oid(),
                table.name(),
                table.kind(),
                table.partition(),
                table.inherited(),
                table.rowSecurity(),
                table.deleteRule(),
                table.updateRule(),
                table.reachable(),
                table.columns(),
                table.numbers(),
                table.primaryKey(),
                table.deleteTriggers(),
                table.updateTriggers(),
                table.missingPrivileges(),
                table.role(),
                1L << 40);

        Plan.Estimate estimate = new Costs(worker.transactions)
                .estimate(
                        new ArmedPolicy(
                                armed.policy(),
                                large,
                                armed.key(),
                                armed.storedColumns(),
                                armed.dependents(),
                                armed.unset(),
                                armed.altered(),
                                armed.byBlocks(),
                                armed.wholeIndex(),
                                List.of(),
                                null),
                        50_000_000,
                        100_000_000);

        assertThat(estimate.bytes()).isEqualTo(1L << 39);
    }

    /** East of Greenwich; in a text PostgreSQL would take it to lie west. */
    @Test
    void anOffsetIsAZoneToo() throws Exception {
        database.execute(
                "create table notes (id bigint primary key, at timestamp);"
                        + " create index notes_at on notes (at, id); insert into notes values (1, '2020-01-01 12:00'); analyze");

        Plan plan = plan(worker(POLICY.limits(500, 1).with("age", "{ column: at, means: event, zone: '+02:00' }")));

        assertThat(plan.oldest()).isEqualTo(Instant.parse("2020-01-01T10:00:00Z"));
    }
}
