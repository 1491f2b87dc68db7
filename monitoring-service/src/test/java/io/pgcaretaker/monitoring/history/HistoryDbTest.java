package io.pgcaretaker.monitoring.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.ReportPeriod;
import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HistoryDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final TickingClock clock = new TickingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final Probe probe = new Probe(database.url(), clock, Duration.ofSeconds(10));
    private final DataSource source = database.source();
    private final History history = new History(source, new Settings());

    private static final Digests DIGESTS =
            new Digests(new Limits(80, Duration.ofSeconds(5), 80, null, 10, Duration.ofMinutes(10)));

    private record Settings() implements MonitoringConfig.History {
        @Override
        public Duration interval() {
            return Duration.ofMinutes(5);
        }

        @Override
        public Duration statementRetention() {
            return Duration.ofDays(30);
        }

        @Override
        public Duration sizeRetention() {
            return Duration.ofDays(366);
        }
    }

    @BeforeEach
    void prepare() {
        database.execute("create extension pg_stat_statements");
        database.execute("create table shop (id int primary key)");
    }

    @AfterEach
    void close() {
        probe.close();
    }

    private History.Outcome round() throws SQLException {
        clock.tick(Duration.ofMinutes(5));
        return history.run(probe.situation());
    }

    private void ask(int times) {
        for (int i = 0; i < times; i++) {
            database.queryLong("select count(*) from shop where id > 0");
        }
    }

    private long counted() {
        return database.queryLong("select coalesce(sum(s.calls), 0) from caretaker.statement_sample s"
                + " join caretaker.statement_text t using (query_id) where t.query like 'select count(*) from shop%'");
    }

    @Test
    void statementsAreCountedOnceAcrossResetsAndTheirTextIsStoredOnce() throws SQLException {
        ask(3);
        round();
        assertThat(counted()).as("the first look lays the base").isZero();

        ask(4);
        round();
        assertThat(counted()).isEqualTo(4);

        round();
        assertThat(counted()).as("nothing was asked").isEqualTo(4);

        database.execute("select pg_stat_statements_reset()");
        ask(2);
        round();
        ask(5);
        round();

        assertThat(counted()).isEqualTo(4 + 2 + 5);
        assertThat(database.queryLong("select count(*) from caretaker.statement_text"
                        + " where query like 'select count(*) from shop%'"))
                .isOne();
    }

    @Test
    void anotherReplicaTakesNoSampleBetween() throws SQLException {
        round();
        ask(4);

        assertThat(new History(source, new Settings()).run(probe.situation()).holder())
                .isFalse();
        round();
        assertThat(counted()).isEqualTo(4);
    }

    @Test
    void whoComesNextNeedNotWaitForWhoHasLeft() throws SQLException {
        round();
        History next = new History(source, new Settings());
        next.leave();
        assertThat(next.run(probe.situation()).holder())
                .as("it leaves nobody else's lease")
                .isFalse();

        history.leave();

        assertThat(next.run(probe.situation()).holder()).isTrue();
    }

    @Test
    void statementsThatAreNoneAnyMoreAreForgottenWithTheirLastWindow() throws SQLException {
        round();
        database.execute(
                "insert into caretaker.statement_base (user_id, query_id, calls, total_ms, rows, blocks_hit, blocks_read,"
                        + " temp_blocks, seen_at) select userid, g, 1, 1, 1, 1, 1, 1, now() from (select min(userid) as userid"
                        + " from pg_stat_statements) u, generate_series(1, 12000) g");
        database.execute("insert into caretaker.statement_text (query_id, query, first_seen_at)"
                + " select g, 'select ' || g, timestamptz '2025-12-01 00:00Z' from generate_series(1, 12000) g");
        database.execute(
                "insert into caretaker.statement_sample (taken_at, query_id, user_name, seconds, calls, total_ms, rows,"
                        + " blocks_hit, blocks_read, temp_blocks) values ('2026-02-28 00:00Z', 7, '', 300, 1, 1, 1, 1, 1, 1)");
        ask(3);
        round();

        assertThat(database.queryLong(
                        "select count(*) from caretaker.statement_base where query_id between 1 and 12000"))
                .isZero();
        assertThat(database.queryLong(
                        "select max(query_id) from caretaker.statement_text where query_id between 1 and 12000"))
                .as("what a window is kept of keeps its text")
                .isEqualTo(7);
        assertThat(database.queryLong(
                        "select count(*) from caretaker.statement_text where query_id between 1 and 12000"))
                .isOne();
        ask(4);
        round();
        assertThat(counted()).as("what is still there counts on").isEqualTo(4 + 3);
    }

    @Test
    void statementsThatAreHiddenForAWhileAreNotCountedAnew() throws SQLException {
        round();
        ask(3);
        round();
        String role = "history_blind_" + Long.toString(System.nanoTime(), 36);
        database.execute("create role " + role);
        try {
            database.execute("grant usage on schema caretaker to " + role + "; grant select, delete on"
                    + " caretaker.statement_base to " + role);
            long before = database.queryLong("select count(*) from caretaker.statement_base");

            int dropped = Transaction.run(source, "test", connection -> {
                try (var statement = connection.createStatement()) {
                    statement.execute("set local role " + role);
                }
                return new StatementRepository().dropBase(connection);
            });

            assertThat(before).isPositive();
            assertThat(dropped).isZero();
        } finally {
            database.execute("drop owned by " + role + "; drop role " + role);
        }
    }

    @Test
    void passwordsInStatementsAreNotKept() throws SQLException {
        round();
        database.execute("create role history_test password 'hunter2'; drop role history_test");
        round();

        assertThat(database.queryLong("select count(*) from caretaker.statement_text where query like '%hunter2%'"))
                .isZero();
        assertThat(database.queryLong(
                        "select count(*) from caretaker.statement_text where query like 'create role history_test%'"))
                .isPositive();
    }

    @Test
    void topStatementsOfATimeComeWithTheirShare() throws SQLException {
        round();
        ask(4);
        round();

        List<StatementRepository.Total> top = Transaction.run(
                source,
                "test",
                connection -> new StatementRepository()
                        .top(connection, clock.instant().minusSeconds(3600), StatementOrder.CALLS, 100));

        assertThat(top)
                .filteredOn(total -> total.query().startsWith("select count(*) from shop"))
                .singleElement()
                .satisfies(total -> assertThat(total.calls()).isEqualTo(4));
        assertThat(top.stream().mapToDouble(StatementRepository.Total::percent).sum())
                .isBetween(99.0, 101.0);
    }

    @Test
    void schemaChangesAreKeptWithBeforeAndAfterAndADdlLockHoldsNothingUp() throws SQLException {
        round();
        database.execute("alter table shop add column name text not null default 'x'");
        database.execute("create table added (id int)");
        try (var ddl = database.connect();
                var statement = ddl.createStatement()) {
            ddl.setAutoCommit(false);
            statement.execute("alter table shop add column held int");

            History.Outcome outcome = round();

            assertThat(outcome.tablesChanged()).isOne();
            ddl.rollback();
        }
        database.execute("drop table added");
        round();

        List<SchemaRepository.Change> changes = Transaction.run(
                source,
                "test",
                connection -> new SchemaRepository()
                        .changes(connection, clock.instant().minusSeconds(3600), 10));

        assertThat(changes.stream().map(HistoryResource.Change::of))
                .extracting(HistoryResource.Change::kind, HistoryResource.Change::table)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("dropped", "added"),
                        org.assertj.core.groups.Tuple.tuple("altered", "shop"),
                        org.assertj.core.groups.Tuple.tuple("created", "added"));
        assertThat(changes.get(1).before()).doesNotContain("\"name\": \"name\"");
        assertThat(changes.get(1).after()).contains("\"name\": \"name\"").contains("'x'::text");
    }

    @Test
    void schemaOfManyTablesIsComparedSliceBySlice() throws SQLException {
        for (int i = 1; i <= 8; i++) {
            database.execute("create table slice" + i + " (id int primary key)");
        }
        SchemaComparison comparison = new SchemaComparison(source, 40);

        int first = comparison.run(clock.instant());
        assertThat(database.queryLong("select count(*) from caretaker.schema_object where valid_to is null"))
                .isEqualTo(first)
                .isGreaterThanOrEqualTo(8);
        assertThat(comparison.run(clock.instant().plusSeconds(1))).isZero();

        database.execute("drop table slice1; alter table slice2 add column more int; create table slice9 (id int)");
        assertThat(comparison.run(clock.instant().plusSeconds(2))).isEqualTo(3);
        assertThat(comparison.run(clock.instant().plusSeconds(3))).isZero();
        assertThat(new SchemaComparison(source, SchemaComparison.TABLES_A_SLICE)
                        .run(clock.instant().plusSeconds(4)))
                .as("one slice sees the same")
                .isZero();
    }

    @Test
    void onlyWhereTheCatalogueChangedIsTheSchemaComparedAgain() throws SQLException {
        database.execute("create table child (id int primary key, shop_id int references shop, note text)");
        SchemaComparison comparison = new SchemaComparison(source, SchemaComparison.TABLES_A_SLICE);
        Instant start = clock.instant();
        comparison.run(start);
        String forget =
                "update caretaker.schema_object set definition = '{}' where table_name = 'shop' and valid_to is null";
        database.execute(forget);
        database.execute("truncate child");
        assertThat(comparison.run(start.plusSeconds(1)))
                .as("rows that come and go are no change")
                .isZero();
        assertThat(comparison.run(start.plus(Duration.ofHours(6))))
                .as("now and then all is compared")
                .isOne();

        int after = 1;
        for (String ddl : List.of(
                "alter table child rename note to remark",
                "alter table child alter remark set default 'x'",
                "alter table child alter remark drop default",
                "alter table child alter remark set not null",
                "alter table child alter remark type varchar(40)",
                "alter table child add check (id > 0)",
                "alter table child rename constraint child_id_check to positive",
                "create index child_remark on child (remark)",
                "alter index child_remark rename to by_remark",
                "alter index by_remark set (fillfactor = 70)",
                "drop index by_remark",
                "alter table child drop remark")) {
            database.execute(ddl);
            assertThat(comparison.run(start.plus(Duration.ofHours(6)).plusSeconds(after++)))
                    .as(ddl)
                    .isOne();
        }
    }

    @Test
    void forecastSaysWhenTheLimitIsMet() {
        Instant start = clock.instant();
        List<SizeRepository.Size> samples = java.util.stream.IntStream.rangeClosed(0, 48)
                .mapToObj(hour ->
                        new SizeRepository.Size(start.plus(Duration.ofHours(hour)), "", "", 1_000_000L + hour * 1000L))
                .toList();

        assertThat(ForecastPolicy.of(samples, 1_048_000L + 240_000L).daysUntilLimit())
                .isEqualTo(10.0);
        assertThat(ForecastPolicy.of(samples, 1_000L).daysUntilLimit()).isZero();
        assertThat(ForecastPolicy.of(samples, null).bytesPerDay()).isEqualTo(24_000.0);
        assertThat(ForecastPolicy.of(samples.subList(0, 5), 9_000_000L).note()).startsWith("needs samples");
    }

    @Test
    void reportOfAWeekHasWhatHappenedAndWhatToDo() throws SQLException {
        round();
        ask(4);
        database.execute("alter table shop add column more text");
        database.execute(
                "insert into caretaker.finding (check_id, object, severity, evidence, first_seen_at, last_seen_at)"
                        + " values ('a', 'info', 'info', 'e', now(), now()), ('b', 'critical', 'critical', 'e', now(), now())");
        database.execute(
                "insert into caretaker.incident (rule, fingerprint, severity, state, summary, value, threshold, advice,"
                        + " pending_since, fired_at, last_seen_at) values ('storage', 'storage', 'warning', 'firing', 's', 'v', 't',"
                        + " 'a', now(), now(), now())");
        round();

        Digest digest = new DigestResource(source, DIGESTS, clock).report("weekly");

        assertThat(digest.incidents())
                .extracting(DigestRepository.Incident::rule)
                .containsExactly("storage");
        assertThat(digest.toDo()).extracting(DigestRepository.Finding::object).containsExactly("critical", "info");
        assertThat(digest.schemaChanges())
                .extracting(HistoryResource.Change::kind)
                .containsExactly("altered");
        assertThat(digest.worstStatements()).isNotEmpty();
        assertThat(digest.forecast().note()).startsWith("needs samples");
    }

    @Test
    void reportIsMailedOnceAndSaysWhatIsToDo() throws SQLException {
        database.execute(
                "insert into caretaker.finding (check_id, object, severity, evidence, fix, first_seen_at, last_seen_at)"
                        + " values ('missing-index', 'public.shop', 'warning', 'is read whole', 'create index …', now(), now())");
        // Or what Caretaker itself asks for is worse.
        database.execute("insert into shop select generate_series(1, 50000)");
        round();
        ask(20);
        round();
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        Reports reports = new Reports(
                source,
                DIGESTS,
                new MailOutbox(
                        MailOutbox.Owner.MONITORING, source, intent -> new MailGateway.Outcome.Accepted("1"), json),
                json,
                List.of("dba@example.com"));
        // The first of March 2026 is a Sunday.
        Instant due = Instant.parse("2026-03-02T07:00:00Z");

        assertThat(reports.mailIfDue(ReportPeriod.WEEKLY, 7, due.minusSeconds(1)))
                .as("last week's is too late now")
                .isFalse();
        assertThat(reports.mailIfDue(ReportPeriod.WEEKLY, 7, due)).isTrue();
        assertThat(reports.mailIfDue(ReportPeriod.WEEKLY, 7, due.plusSeconds(300)))
                .as("once")
                .isFalse();
        assertThat(reports.mailIfDue(ReportPeriod.MONTHLY, 7, due)).isTrue();

        assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent"
                        + " where template = 'database-report' and idempotency_key in"
                        + " ('report-weekly-2026-03-02', 'report-monthly-2026-03-01')"))
                .isEqualTo(2);
        for (String said :
                List.of("1 thing to do", "missing-index, public.shop", "create index …", "select count(*) from shop")) {
            assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent"
                            + " where idempotency_key = 'report-weekly-2026-03-02' and strpos(variables::text, '" + said
                            + "') > 0"))
                    .as(said)
                    .isOne();
        }
    }

    /** As those of a month in which somebody tries passwords: no report came at all. */
    @Test
    void securityEventsThatTakeTooLongToCountKeepNoReportFromItsReaders() throws SQLException {
        database.execute("alter table caretaker.security_event rename to event_kept");
        database.execute("create view caretaker.security_event as"
                + " select 'authn_login_fail'::text as event, now() as occurred_at from pg_sleep(600)");

        Digest digest = new DigestResource(source, DIGESTS, clock).report("monthly");

        assertThat(digest.securityEvents()).isNull();
        assertThat(digest.toDo()).isNotNull();
        assertThat(ReportMail.of(ReportPeriod.MONTHLY, digest).sections())
                .filteredOn(section -> section.title().equals("Security events"))
                .singleElement()
                .satisfies(section -> {
                    assertThat(section.lines()).isEmpty();
                    assertThat(section.nothing()).isEqualTo("Too many to be counted in time.");
                });
    }

    @Test
    void whatIsOlderThanItsRetentionGoes() throws SQLException {
        round();
        ask(1);
        round();
        database.execute("update caretaker.statement_sample set taken_at = taken_at - interval '31 days'");

        round();

        assertThat(database.queryLong("select count(*) from caretaker.statement_sample where taken_at < '2026-02-10'"))
                .isZero();
    }
}
