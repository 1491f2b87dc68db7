package io.pgcaretaker.cli.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.cli.up.LocalCaretaker;
import io.pgcaretaker.testing.ServerDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: the whole of Caretaker on the sample application, with neighbours that go and come back. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SampleIT {

    private static final Duration LONG = Duration.ofMinutes(3);

    /** How long email-service is away: {@code -Dcaretaker.outage=PT10M} for as long as it takes in real life. */
    private static final Duration OUTAGE = Duration.parse(System.getProperty("caretaker.outage", "PT12S"));

    @TempDir(factory = ServerDirectory.Factory.class)
    private static Path home;

    private static LocalCaretaker up;
    private static Operator operator;
    private static Catcher catcher;

    /** Closed long ago; whoever closed theirs is told before it goes. */
    private static final String POLICIES = """
            policies:
              - name: closed-accounts
                table: members
                age: { column: closed_at, means: event }
                retention: P30D
                every: PT1H
                limits: { max-rows: 1000, max-fraction: 1 }
                restore: [ { column: closed_at, to: null } ]
                notice: { before: P7D, email-column: email, name-column: name }
              - name: old-visits
                table: visits
                age: { column: at, means: event }
                retention: P30D
                every: P365D
                limits: { max-rows: 1000, max-fraction: 1 }
                action: archive
            """;

    private static final String APPLICATION = "https://app.example.com";

    @BeforeAll
    static void start() throws IOException {
        Map<String, String> settings = new HashMap<>(Quick.SETTINGS);
        settings.put(
                "CLEANUP_POLICIES_FILE",
                Files.writeString(home.resolve("policies.yaml"), POLICIES).toString());
        settings.put("CLEANUP_ARCHIVE_DIRECTORY", home.resolve("archive").toString());
        settings.put("CARETAKER_CLEANUP_NOTICE_INTERVAL", "1s");
        settings.put("CLEANUP_PUBLIC_URL", APPLICATION);
        settings.put("APP_URL", APPLICATION);
        up = LocalCaretaker.start(home, settings);
        operator = new Operator(up);
        catcher = new Catcher(up);
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    @Test
    @Order(1)
    void oneRunOfEachPolicyRemovesTheExpiredRowsAndNoOther() throws Exception {
        await().atMost(LONG)
                .until(() -> operator.count("select count(distinct policy) from caretaker.cleanup_run"
                                + " where state = 'completed' and policy in"
                                + " ('soft-deleted-users', 'expired-reset-tokens', 'expired-sessions', 'used-reset-tokens',"
                                + " 'anonymous-prompts')")
                        == 5);

        Map<String, Set<String>> expected = Sample.expected(up);
        Map<String, Set<String>> present = Sample.present(up);

        for (String table : expected.keySet()) {
            assertThat(present.get(table).equals(expected.get(table)))
                    .as(() -> table + ": left over " + some(present.get(table), expected.get(table)) + ", missing "
                            + some(expected.get(table), present.get(table)))
                    .isTrue();
        }
        assertThat(expected.get("users")).hasSize(18_960);
    }

    private static List<String> some(Set<String> rows, Set<String> without) {
        return rows.stream().filter(row -> !without.contains(row)).limit(10).toList();
    }

    @Test
    @Order(2)
    void theReportsOfTheRunsAreInTheInbox() {
        for (String policy : List.of("soft-deleted-users", "expired-reset-tokens", "expired-sessions")) {
            await(policy)
                    .atMost(LONG)
                    .untilAsserted(() -> assertThat(catcher.subjects()).anyMatch(subject -> subject.contains(policy)));
        }
    }

    /** cleanup-service decides, email-service delivers and says so, and the link in the mail undoes it. */
    @Test
    @Order(2)
    void whoeverGoesIsToldFirstAndCanComeBackByTheLink() throws Exception {
        operator.execute("""
                create table members (id int primary key, email text not null, name text, closed_at timestamptz);
                create index on members (closed_at, id);
                insert into members values
                  (1, 'ada@example.com', 'Ada', now() - interval '40 days'),
                  (2, 'bob@example.com', 'Bob', null)
                """);
        String delivered =
                "select string_agg(state, ' ') from caretaker.deletion_notice where policy = 'closed-accounts'";
        await().atMost(LONG).until(() -> operator.text(delivered), "delivered"::equals);

        String mail = catcher.textsThatSay("/api/cleanup/restore/").get(0);
        assertThat(mail).contains("Hello Ada");
        Matcher link = Pattern.compile(Pattern.quote(APPLICATION) + "(/api/cleanup/restore/\\S+)")
                .matcher(mail);
        assertThat(link.find()).isTrue();

        assertThat(up.post(up.state().cleanup() + link.group(1), "").statusCode())
                .isEqualTo(200);

        assertThat(operator.count("select count(*) from members where closed_at is null"))
                .isEqualTo(2);
    }

    @Test
    @Order(3)
    void healthFollowsTheDatabaseWithoutARestart() {
        Map<String, Long> before = up.state().pids();
        await().atMost(LONG).until(operator::health, status -> status == 200);

        up.stop("postgres");
        await().atMost(Duration.ofSeconds(30)).until(operator::health, status -> status == 503);
        up.start("postgres");
        await().atMost(Duration.ofSeconds(60)).until(operator::health, status -> status == 200);

        for (String service : List.of("monitoring", "cleanup", "email")) {
            assertThat(up.state().pids()).containsEntry(service, before.get(service));
            await(service).atMost(LONG).until(() -> up.isReady(service));
        }
    }

    /** email-service is away while the others work; cleanup-service goes while nobody can be told, and stays away longer. */
    @Test
    @Order(4)
    void whileServicesAreAwayNothingIsLostOrSaidTwice() throws Exception {
        up.stop("email");
        assertThat(up.isReady("email")).isFalse();
        assertThat(up.run("status")).contains("no answer").endsWith("exit 1");

        operator.addExpiredUsers("away", 20);
        String run = operator.run("soft-deleted-users").orElseThrow();
        await().atMost(LONG)
                .until(() -> operator.count("select count(*) from caretaker.cleanup_run where id = '" + run
                                + "' and state = 'completed' and rows_deleted = 40")
                        == 1);
        up.stop("cleanup");
        operator.execute("select pg_sleep(" + OUTAGE.toSeconds() + ")");
        String slow = incident("rule = 'long-query' and state = 'resolved'");
        String email = outageOf("email-service");
        String cleanup = outageOf("cleanup-service");
        up.start("email");

        // What is said of cleanup-service is said while it is down; its own report waits for it.
        await().atMost(LONG).until(() -> mailsOf(cleanup).size() == 1);
        up.start("cleanup");

        await().atMost(LONG)
                .until(() -> !catcher.subjectsOfMailsThatSay("Run " + run).isEmpty());
        for (String incident : List.of(slow, email, cleanup)) {
            await().atMost(LONG).until(() -> mailsOf(incident).size() >= 2);
        }
        await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(catcher.subjectsOfMailsThatSay("Run " + run)).hasSize(1);
            assertOpenedAndClosedOnce(slow);
            assertOpenedAndClosedOnce(email);
            assertOpenedAndClosedOnce(cleanup);
        });
    }

    private static String outageOf(String service) {
        return incident("resolved_at is null and rule = 'service-down' and labels ->> 'service' = '" + service + "'");
    }

    @Test
    @Order(5)
    void theCommandLineTellsWhetherTheLedgerIsAsItWasWritten() throws Exception {
        assertThat(up.run("ledger", "verify"))
                .contains("rows deleted", "intact")
                .endsWith("exit 0");

        operator.execute("""
                set session_replication_role = replica;
                update caretaker.cleanup_ledger
                set rows = rows + 1
                where ctid = (select min(ctid) from caretaker.cleanup_ledger)
                """);

        assertThat(up.run("ledger", "verify")).contains("NOT INTACT", "line ").endsWith("exit 1");
    }

    @Test
    @Order(6)
    void theCommandLineReadsArchivedRowsBack() throws Exception {
        operator.execute("""
                create table visits (id int primary key, at timestamptz not null, page text);
                insert into visits select n, now() - interval '40 days', 'p' || n from generate_series(1, 300) n;
                create index on visits (at, id)
                """);
        String run = operator.run("old-visits").orElseThrow();
        await().atMost(LONG).until(() -> operator.count("select count(*) from visits") == 0);
        await().atMost(LONG)
                .until(() -> operator.count("select count(*) from caretaker.cleanup_run where finished_at is not null"
                                + " and id = '" + run + "'")
                        == 1);

        assertThat(up.run("archive", "list", "--policy=old-visits"))
                .contains("public.visits", "committed")
                .endsWith("exit 0");
        assertThat(up.run("archive", "restore", "--run=" + run))
                .contains("300 rows of ")
                .endsWith("exit 0");
        assertThat(operator.count("select count(*) from visits where page = 'p' || id"))
                .isEqualTo(300);
        // Rows that are there already are not put in twice, by whichever way they are asked for.
        assertThat(up.run("archive", "restore", "--run=" + run))
                .contains("left out, read back")
                .endsWith("exit 0");
        assertThat(up.run("archive", "restore", "no-such-file"))
                .contains("refused, there is no archived file of that name")
                .endsWith("exit 1");
    }

    /** The id of the last such incident that was told. */
    private static String incident(String condition) {
        String sql = "select id from caretaker.incident where fired_at is not null and " + condition
                + " order by fired_at desc limit 1";
        await(condition).atMost(LONG).until(() -> !operator.text(sql).isEmpty());
        return operator.text(sql);
    }

    private static List<String> mailsOf(String incident) {
        return catcher.subjectsOfMailsThatSay("Incident " + incident);
    }

    private static void assertOpenedAndClosedOnce(String incident) {
        assertThat(mailsOf(incident))
                .hasSize(2)
                .filteredOn(subject -> subject.contains("Resolved"))
                .hasSize(1);
    }
}
