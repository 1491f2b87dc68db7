package io.pgcaretaker.monitoring.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.monitoring.collect.CollectOutcome;
import io.pgcaretaker.monitoring.collect.Probe;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each finding is made on a real database, and found; on one without it, it is not. */
class ChecksDbTest {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();
    private static final TestDatabase CLEAN = TestDatabase.create();
    private static final String NEEDS_STATS = "needs the grant pg_read_all_stats (part of pg_monitor)";

    private static Probe probe;
    private static Probe clean;

    @BeforeAll
    static void makeFindings() throws SQLException {
        DATABASE.execute("create extension pg_stat_statements");
        DATABASE.execute("""
                create table no_key (id int);
                create table parent (id int primary key);
                create table child (id int primary key, parent int, rare int, name text);
                insert into parent select generate_series(1, 10);
                insert into child select i, 1 + i % 10, case when i % 100 = 0 then i end, repeat('n', 20)
                  from generate_series(1, 60000) i;
                alter table child add foreign key (parent) references parent;
                create index child_name_one on child (id, name);
                create index child_name_two on child (id, name);
                -- Each null takes a place of its own, or it would take five times the rows to make this a large index.
                create index child_rare on child (rare) with (deduplicate_items = off);
                alter table child add constraint short check (length(name) < 100) not valid;
                create function quiet() returns trigger language plpgsql as 'begin return new; end';
                create trigger off before insert on child for each row execute function quiet();
                alter table child disable trigger off;
                alter table no_key set (autovacuum_enabled = off);
                alter table child set (autovacuum_enabled = off);
                create function powerful() returns int language sql security definer as 'select 1';
                create view v1 as select * from child;
                create view v2 as select * from v1;
                create view v3 as select * from v2;
                create view v4 as select * from v3;
                create schema open_house;
                grant create on schema open_house to public;
                create table small (id smallserial primary key);
                select setval('small_id_seq', 30000);
                alter table child add twin int references parent;
                create index child_twin on child using brin (twin);
                alter table parent set (autovacuum_enabled = no);
                create procedure powerful_too() language sql security definer as 'select 1';
                create table twins (a int not null, b int);
                create unique index twins_a on twins (a);
                create unique index twins_b on twins (a);
                alter table twins replica identity using index twins_b;
                create table parts (id int) partition by range (id);
                create table parts_1 partition of parts for values from (0) to (10);
                create index parts_id on parts (id);
                create index parts_1_a on parts_1 (id)""");
        since(
                150000,
                "create unique index loose on twins (b); create unique index once on twins (b) nulls not distinct");
        since(180000, "alter table child add constraint unheeded foreign key (twin) references parent not enforced");
        DATABASE.execute("analyze child");
        DATABASE.execute("update child set rare = rare where id <= 40000");
        // Fails on the second of two equal values, and leaves an invalid index behind.
        failToIndex("child_parent_once");
        failToIndex("child_parent_idx_ccnew");
        // Its index is large, and nothing has gone by it since the counters were set back.
        DATABASE.execute("create table lonely as select id from child");
        DATABASE.execute(
                "alter table lonely add constraint alone exclude using btree (id with =) with (fillfactor = 10)");
        DATABASE.execute("select pg_stat_reset_single_table_counters('alone'::regclass)");
        // A session tells what it counted at its end at the latest.
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 101; i++) {
                statement.execute("select count(*) from child where name = 'x'");
            }
        }
        // A session that ends is gone for its client before it has told.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> DATABASE.queryLong("select count(*) from pg_stat_user_tables"
                                + " where relname = 'child' and n_dead_tup > 0 and seq_scan > 100")
                        == 1);
        probe = new Probe(DATABASE.url(), Clock.systemUTC(), Duration.ofSeconds(10));
        clean = new Probe(CLEAN.url(), Clock.systemUTC(), Duration.ofSeconds(10));
        List<Check> checks = Check.folder("checks");
        probe.run(checks.stream().map(Check::collector).toList());
        clean.run(checks.stream().map(Check::collector).toList());
    }

    private static void since(int version, String statement) {
        if (DATABASE.queryLong("select current_setting('server_version_num')::int") >= version) {
            DATABASE.execute(statement);
        }
    }

    private static void failToIndex(String name) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create unique index concurrently " + name + " on child (parent)");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("23505");
        }
    }

    @AfterAll
    static void close() {
        probe.close();
        clean.close();
    }

    private static CheckResult result(Probe on, String id) {
        Check check = check("checks", id);
        return CheckResult.of(check, on.readings.of(check.collector().name()));
    }

    private static CheckResult look(String folder, String id) {
        Check check = check(folder, id);
        probe.run(List.of(check.collector()));
        return CheckResult.of(check, probe.readings.of(check.collector().name()));
    }

    private static Check check(String folder, String id) {
        return Check.folder(folder).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "tables-without-primary-key, public.no_key",
        "foreign-keys-without-index, public.child child_parent_fkey",
        "foreign-keys-without-index, public.child child_twin_fkey",
        "duplicate-indexes, public.child_name_two",
        "duplicate-indexes, public.twins_a",
        "duplicate-indexes, public.parts_1_a",
        "invalid-indexes, public.child_parent_once",
        "invalid-constraints, public.child short",
        "disabled-triggers, public.child off",
        "autovacuum-off, public.no_key",
        "autovacuum-off, public.parent",
        "functions-without-search-path, public.powerful()",
        "nested-views, public.v4",
        "default-public-schema, open_house",
        "sequences, public.small_id_seq",
        "partial-index-candidates, public.child_rare",
        "missing-indexes, public.child",
        "stale-statistics, public.child",
        "autovacuum-behind, public.child",
        "dead-tuples, public.child",
    })
    void findsWhatIsThere(String check, String object) {
        CheckResult result = result(probe, check);

        assertThat(result.status()).as(check + " " + result.reason()).isEqualTo("finding");
        assertThat(result.findings()).extracting(CheckResult.Seen::object).contains(object);
        assertThat(result.advice()).isNotBlank();
        assertThat(result.window()).isNotBlank();
        assertThat(result(clean, check).findings())
                .extracting(CheckResult.Seen::object)
                .doesNotContain(object);
    }

    /** What needs no mending, or cannot be mended as it would be told. */
    @ParameterizedTest
    @CsvSource({
        "foreign-keys-without-index, public.child unheeded",
        "invalid-constraints, public.child unheeded",
        "duplicate-indexes, public.twins_b",
        "duplicate-indexes, public.once",
        "duplicate-indexes, public.parts_1_id_idx",
        "unused-indexes, public.alone",
    })
    void whatIsRightIsNotFound(String check, String object) {
        assertThat(result(probe, check).findings())
                .extracting(CheckResult.Seen::object)
                .doesNotContain(object);
    }

    @Test
    void whatReindexConcurrentlyLeftIsDroppedAndNotBuiltAgain() {
        assertThat(result(probe, "invalid-indexes").findings())
                .extracting(CheckResult.Seen::fix)
                .containsExactlyInAnyOrder(
                        "drop index concurrently public.child_parent_idx_ccnew",
                        "reindex index concurrently public.child_parent_once");
    }

    @Test
    void lastSuperuserIsNotToldToBecomeNone() {
        String role = role("alter role %s superuser");
        try {
            assertThat(look("checks", "superusers").findings())
                    .extracting(CheckResult.Seen::fix)
                    .contains("alter role " + role + " nosuperuser")
                    .containsNull();
        } finally {
            DATABASE.execute("alter role " + role + " nosuperuser");
            drop(role);
        }
    }

    @Test
    void auditSeesProceduresThatHaveTheirOwnersRightsAndItsFixLeavesNoWayIn() {
        List<CheckResult.Seen> findings = look("audit", "security-definer").findings();

        assertThat(findings)
                .extracting(CheckResult.Seen::object)
                .contains("public.powerful()", "public.powerful_too()");
        assertThat(findings).extracting(CheckResult.Seen::fix).allMatch(fix -> fix.endsWith(", pg_temp"));
        findings.forEach(seen -> DATABASE.execute(seen.fix()));
        assertThat(look("audit", "security-definer").findings()).isEmpty();
    }

    @Test
    void passwordThatIsKeptAsMd5IsWeakAndNoneIsNot() {
        String weak = role("set password_encryption = 'md5'; alter role %1$s password 'y'");
        String none = role("alter role %s password null");
        try {
            assertThat(look("audit", "weak-passwords").findings())
                    .extracting(CheckResult.Seen::object)
                    .contains(weak)
                    .doesNotContain(none);
        } finally {
            drop(weak);
            drop(none);
        }
    }

    @Test
    void everyCheckHasAnAnswerAndWhatLacksAnExtensionIsSkippedWithItsName() {
        for (Check check : Check.folder("checks")) {
            CheckResult result = result(probe, check.id());
            if (check.id().equals("add-index-candidates")) {
                assertThat(result.status()).isEqualTo("skipped");
                assertThat(result.reason()).startsWith("needs the extension pg_qualstats");
            } else {
                assertThat(result.status())
                        .as(check.id() + " " + result.reason())
                        .isIn("ok", "finding");
            }
        }
        assertThat(result(clean, "slow-statements").status()).isEqualTo("skipped");
    }

    @Test
    void fixesOfIndexesAndTriggersMend() throws SQLException {
        for (String check :
                List.of("invalid-constraints", "disabled-triggers", "autovacuum-off", "default-public-schema")) {
            for (CheckResult.Seen seen : result(probe, check).findings()) {
                if (seen.fix() != null && !seen.object().equals("public")) {
                    try (Connection connection = DATABASE.connect();
                            Statement statement = connection.createStatement()) {
                        connection.setAutoCommit(false);
                        statement.execute(seen.fix());
                        connection.rollback();
                    }
                }
            }
        }
    }

    @Test
    void findingIsKeptSinceWhenItWasFirstSeenAndBecomesHistory() throws SQLException {
        FindingRepository findings = new FindingRepository();
        Instant first = Instant.parse("2026-03-01T12:00:00Z");
        CheckResult.Seen one = new CheckResult.Seen("t1", "bad", null);
        CheckResult.Seen two = new CheckResult.Seen("t2", "worse", "mend t2");
        try (Connection connection = DATABASE.connect()) {
            findings.record(connection, "example", "warning", List.of(one, two), first);
            findings.record(connection, "example", "warning", List.of(two), first.plusSeconds(300));
            findings.record(connection, "example", "warning", List.of(two), first.plusSeconds(600));

            assertThat(findings.list(connection, true, "example", 0, 10))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.object()).isEqualTo("t2");
                        assertThat(finding.since()).isEqualTo(first);
                        assertThat(finding.lastSeenAt()).isEqualTo(first.plusSeconds(600));
                    });
            assertThat(findings.list(connection, false, "example", 0, 10))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.goneAt()).isEqualTo(first.plusSeconds(300)));

            UUID id = findings.list(connection, true, "example", 0, 10).get(0).id();
            findings.acknowledge(connection, id, "anna", "known", first.plusSeconds(700));
            Finding again = findings.acknowledge(connection, id, "ben", "late", first.plusSeconds(800))
                    .orElseThrow();
            assertThat(again.acknowledgedBy()).isEqualTo("anna");
            assertThat(again.note()).isEqualTo("known");
            assertThat(findings.acknowledge(connection, UUID.randomUUID(), "anna", null, first))
                    .isEmpty();

            findings.record(connection, "example", "warning", List.of(), first.plusSeconds(900));
            findings.record(connection, "example", "warning", List.of(two), first.plusSeconds(1200));
            assertThat(findings.list(connection, true, "example", 0, 10))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.since()).isEqualTo(first.plusSeconds(1200));
                        assertThat(finding.acknowledgedAt()).isNull();
                    });
            assertThat(findings.count(connection, false, "example")).isEqualTo(2);
        }
    }

    /** A view that leaves out what the role may not see has no finding either. */
    @Test
    void whatCannotBeSeenIsSkippedWithTheGrantAndNeverOk() {
        assertThat(skippedFor(""))
                .containsOnlyKeys(
                        "add-index-candidates",
                        "blocked-sessions",
                        "connections",
                        "hba-rules",
                        "horizon-holders",
                        "idle-in-transaction",
                        "long-queries",
                        "partial-index-candidates",
                        "pending-restart",
                        "plain-sessions",
                        "replication-lag",
                        "sequences",
                        "slow-statements",
                        "weak-passwords")
                .containsEntry("connections", NEEDS_STATS)
                .containsEntry("pending-restart", "needs the grant pg_read_all_settings (part of pg_monitor)")
                .containsEntry("sequences", "needs select or usage on the sequences");
    }

    /** What is the application's own, and what only a superuser sees. */
    @Test
    void whatPgMonitorDoesNotShowIsSkippedToo() {
        assertThat(skippedFor("grant pg_monitor to %s"))
                .containsOnlyKeys(
                        "add-index-candidates", "hba-rules", "partial-index-candidates", "sequences", "weak-passwords");
    }

    @Test
    void whatIsNotCountedIsSkippedWithTheSetting() {
        assertThat(skippedFor("alter role %s set track_counts = off"))
                .containsEntry("dead-tuples", "needs track_counts on")
                .containsEntry("unused-indexes", "needs track_counts on");
    }

    /** Health judges by them: no long query, seen by who sees none, is no answer. */
    @Test
    void collectorsOfOthersSessionsAreSkippedToo() {
        String role = role("");
        try (Probe weak = as(role)) {
            weak.all();

            for (String name :
                    List.of("connections", "running_queries", "standbys", "console_blocking", "console_horizon")) {
                assertThat(weak.readings.of(name))
                        .as(name)
                        .extracting(Reading::outcome, Reading::reason)
                        .containsExactly(CollectOutcome.SKIPPED, NEEDS_STATS);
            }
        } finally {
            drop(role);
        }
    }

    private static String role(String more) {
        String role = "weak_" + UUID.randomUUID().toString().replace("-", "");
        DATABASE.execute("create role " + role + " login password 'x'; " + more.formatted(role));
        return role;
    }

    private static void drop(String role) {
        DATABASE.execute("drop role " + role);
    }

    private static Probe as(String role) {
        return new Probe(
                DATABASE.url().replace("postgres:postgres@", role + ":x@"), Clock.systemUTC(), Duration.ofSeconds(4));
    }

    /** Each check and part of the audit that such a role is told to lack something for, with what. */
    private static Map<String, String> skippedFor(String grant) {
        String role = role(grant);
        try (Probe weak = as(role)) {
            Map<String, String> skipped = new TreeMap<>();
            List<Check> checks = Stream.concat(Check.folder("checks").stream(), Check.folder("audit").stream())
                    .toList();
            weak.run(checks.stream().map(Check::collector).toList());
            for (Check check : checks) {
                CheckResult result =
                        CheckResult.of(check, weak.readings.of(check.collector().name()));
                if (result.status().equals("skipped")) {
                    skipped.put(check.id(), String.valueOf(result.reason()));
                }
            }
            return skipped;
        } finally {
            drop(role);
        }
    }
}
