package io.pgcaretaker.cleanup.engine;

import static io.pgcaretaker.cleanup.policy.Policies.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.cleanup.Caller;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.ledger.ErasureKey;
import io.pgcaretaker.cleanup.ledger.ErasureRepository;
import io.pgcaretaker.cleanup.run.RunOpening;
import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A backup is restored: who was erased since then is there again, alive, and is erased again. */
class ReplayDbTest extends CleanupDbTest {

    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private final ErasureKey key = ErasureKey.of(Optional.of(KEY)).orElseThrow();
    private final ErasureRepository erasures = new ErasureRepository();

    /** Users 1 to 20 of 50 are to go, each with two tokens. */
    @BeforeEach
    void makeUsers() {
        database.execute("""
                create table users (id bigint primary key, email text, is_deleted boolean, deleted_at timestamp);
                create index on users (deleted_at, id) where is_deleted;
                create table tokens (id bigint primary key, user_id bigint references users on delete cascade);
                create index on tokens (user_id);
                insert into users select n, 'user' || n || '@example.com', n <= 20, case when n <= 20 then now() - interval '40 days' end
                from generate_series(1, 50) as n;
                insert into tokens select n, 1 + n % 50 from generate_series(1, 100) as n;
                create table backup_users as select id, email, false as is_deleted, null::timestamp as deleted_at from users;
                create table backup_tokens as select * from tokens
                """);
    }

    private TestWorker worker(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("ledger-key", KEY);
        all.put("policies.\"soft-deleted-users\".max-fraction", "1");
        return new TestWorker(database, all);
    }

    /** As it was before any of them asked to be deleted. */
    private void restoreBackup() {
        database.execute("delete from users; insert into users select * from backup_users;"
                + " insert into tokens select * from backup_tokens");
    }

    private Replay.Outcome replay(TestWorker worker, Replay.Known known, boolean dryRun) {
        return worker.replay().replay(worker.policy(USERS), key, known, dryRun, "test");
    }

    private Set<String> users() throws Exception {
        return new HashSet<>(texts("select id from users"));
    }

    private long tokensOfNobody() {
        return database.queryLong("select count(*) from tokens where user_id <= 20");
    }

    @Test
    void whoWasErasedIsErasedAgainAndNobodyElse() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        Set<String> expected = users();
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_erasure"))
                .isEqualTo(20);
        restoreBackup();
        assertThat(users()).hasSize(50);

        assertThat(replay(worker, erasures::known, true)).isEqualTo(new Replay.Outcome.Replayed(20, 0, null));
        assertThat(users()).hasSize(50);
        Replay.Outcome.Replayed done = (Replay.Outcome.Replayed) replay(worker, erasures::known, false);

        assertThat(done.matched()).isEqualTo(20);
        assertThat(done.deleted()).isEqualTo(20);
        assertThat(users()).isEqualTo(expected).hasSize(30);
        assertThat(tokensOfNobody()).isZero();
        assertThat(run(done.run(), "trigger || ' ' || state || ' ' || rows_deleted"))
                .isEqualTo("replay completed 60");
        assertThat(worker.ledgerFaults()).isEmpty();
    }

    /** The ledger is restored with the rest: then only what was kept apart from the database says who it was. */
    @Test
    void digestsThatWereKeptElsewhereServeTooAndThoseOfAnotherKeyDoNot() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        Set<String> kept = texts("select encode(digest, 'hex') from caretaker.cleanup_erasure");
        restoreBackup();
        Replay.Known known = (session, digests) -> {
            Set<String> among = new HashSet<>(digests);
            among.retainAll(kept);
            return among;
        };
        ErasureKey other = ErasureKey.of(Optional.of("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="))
                .orElseThrow();

        assertThat(worker.replay().replay(worker.policy(USERS), other, known, false, "test"))
                .isEqualTo(new Replay.Outcome.Replayed(0, 0, null));
        assertThat(((Replay.Outcome.Replayed) replay(worker, known, false)).deleted())
                .isEqualTo(20);
    }

    @Test
    void aHeldRowStaysAndMoreThanThePolicyAllowsIsRefused() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        restoreBackup();
        hold(USERS, "users", "[\"7\"]");

        assertThat(replay(worker(Map.of("policies.\"soft-deleted-users\".max-rows", "19")), erasures::known, false))
                .isInstanceOf(Replay.Outcome.Refused.class);
        assertThat(users()).hasSize(50);
        Replay.Outcome.Replayed done = (Replay.Outcome.Replayed) replay(worker, erasures::known, false);

        assertThat(done.matched()).isEqualTo(20);
        assertThat(done.deleted()).isEqualTo(19);
        assertThat(users()).contains("7").hasSize(31);
    }

    /** Somebody who restores a backup at night must not take it for done. */
    @Test
    void inShadowModeAReplayIsRefusedWhereSomebodyIsThereAgain() throws Exception {
        worker(Map.of()).runNow(USERS);
        TestWorker shadow = worker(Map.of("mode", "shadow"));
        assertThat(((Replay.Outcome.Replayed) replay(shadow, erasures::known, false)).matched())
                .isZero();
        restoreBackup();

        assertThat(((Replay.Outcome.Replayed) replay(shadow, erasures::known, true)).matched())
                .isEqualTo(20);
        assertThat(((Replay.Outcome.Refused) replay(shadow, erasures::known, false)).why())
                .startsWith("20 rows that were erased before are there again, and stay")
                .contains("CLEANUP_MODE");
        assertThat(users()).hasSize(50);
    }

    @Test
    void digestsOfPoliciesThatRememberNothingNowAreSaidToBeThere() throws Exception {
        worker(Map.of()).runNow(USERS);
        assertThat(ask(worker(Map.of()), "{\"dryRun\":true}").path("otherPolicies"))
                .isEmpty();
        TestPolicy forgetful = TestPolicy.of(USERS, "users", "P30D").age("deleted_at");

        TestWorker worker = new TestWorker(database, forgetful.settings(Map.of("ledger-key", KEY)));

        assertThat(ask(worker, "{\"dryRun\":true}")
                        .path("otherPolicies")
                        .path(0)
                        .asText())
                .isEqualTo(USERS);
    }

    /** The name is part of a digest: nobody is recognised, and that must not look like nobody being there. */
    @Test
    void digestsOfATableThatWasRenamedAreSaidToBeThere() throws Exception {
        worker(Map.of()).runNow(USERS);
        restoreBackup();
        assertThat(ask(worker(Map.of()), "{\"dryRun\":true}").path("otherTables"))
                .isEmpty();
        database.execute("alter table users rename to people");

        JsonNode answer = ask(worker(Map.of("policies.\"soft-deleted-users\".table", "people")), "{\"dryRun\":true}");

        assertThat(answer.at("/replays/0/matched").asInt()).isZero();
        assertThat(answer.at("/replays/0/table").asText()).isEqualTo("public.people");
        assertThat(answer.at("/otherTables/0").asText()).isEqualTo(USERS);
    }

    /** Nobody is recognised by those, and nothing said so: it looked as if nobody were there again. */
    @Test
    void digestsOfAnotherKeyColumnAreSaidToBeThere() throws Exception {
        worker(Map.of()).runNow(USERS);
        restoreBackup();
        database.execute("alter table tokens alter column user_id type integer;"
                + " alter table users alter column id type integer");
        JsonNode same = ask(worker(Map.of()), "{\"dryRun\":true}");
        assertThat(same.at("/replays/0/matched").asInt()).as("written the same").isEqualTo(20);
        assertThat(same.path("otherColumns")).isEmpty();
        database.execute("alter table users alter column id type numeric(10, 2);"
                + " alter table tokens alter column user_id type numeric(10, 2)");

        JsonNode answer = ask(worker(Map.of()), "{\"dryRun\":true}");

        assertThat(answer.at("/replays/0/matched").asInt()).isZero();
        assertThat(answer.at("/replays/0/columns").asText()).isEqualTo("id numeric(10,2)");
        assertThat(answer.at("/otherColumns/0").asText()).isEqualTo(USERS);
        assertThat(new ReplayResource(
                                worker(Map.of()).policies,
                                worker(Map.of()).transactions,
                                worker(Map.of()).replay(),
                                worker(Map.of()).settings())
                        .erasures(0, 100)
                        .erasures())
                .allMatch(erasure -> "id integer".equals(erasure.columns()));
    }

    @Test
    void withoutAKeyNothingIsRememberedAndABadOneIsRefused() {
        worker(Map.of("ledger-key", "")).runNow(USERS);

        assertThat(database.queryLong("select count(*) from caretaker.cleanup_erasure"))
                .isZero();
        assertThatThrownBy(() -> ErasureKey.of(Optional.of("c2hvcnQ=")))
                .hasMessageContaining("must be 32 bytes in base64")
                .hasMessageNotContaining("c2hvcnQ=");
    }

    @Test
    void whoChangesADigestIsFound() {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        assertThatThrownBy(() -> database.execute("update caretaker.cleanup_erasure set digest = '\\x00'"))
                .hasMessageContaining("cannot execute");
        database.execute("alter table caretaker.cleanup_erasure disable trigger all;"
                + " update caretaker.cleanup_erasure set digest = '\\x00' where id = 3");

        assertThat(worker.ledgerFaults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.what()).isEqualTo("the digests of its keys were changed"));
    }

    /** The other one was left while the clock was a year ahead. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 365L * 24 * 3600 * 1000})
    void whatACrashLeftOfAReplayIsEndedAndKeepsNobodyFromRunning(long lease) throws Exception {
        TestWorker worker = worker(Map.of());
        UUID broken = open(worker, Duration.ofMillis(lease));
        worker.worker.work();
        assertThat(users()).as("nobody carries it on: it has no cutoff").hasSize(50);

        worker.worker.tick();

        assertThat(run(broken, "state")).isEqualTo("failed");
        assertThat(users()).hasSize(30);
    }

    /** A replay that somebody has begun, and what its lease is then. */
    private static UUID open(TestWorker worker, Duration lease) {
        return worker.transactions
                .run(
                        "test.replay",
                        session -> new RunOpening().openReplay(session, worker.policy(USERS), "test", lease))
                .orElseThrow()
                .id();
    }

    /** The worker carries a run of another policy for hours, and looks for what a crash left before that one and after it. */
    @Test
    void whatACrashLeftOfAReplayKeepsNobodyFromBeginningItAgain() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        restoreBackup();
        UUID broken = open(worker, Duration.ofMillis(-1));

        Replay.Outcome again = replay(worker, erasures::known, false);

        assertThat(again)
                .isInstanceOfSatisfying(
                        Replay.Outcome.Replayed.class,
                        done -> assertThat(done.deleted()).isEqualTo(20));
        assertThat(run(broken, "state || ' ' || stop_detail")).startsWith("failed the replay was broken off");
        assertThat(users()).hasSize(30);
    }

    /** One that goes on is nobody's to end. */
    @Test
    void aReplayThatGoesOnIsLeftToItself() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        restoreBackup();
        UUID other = open(worker, Duration.ofMinutes(1));

        Replay.Outcome again = replay(worker, erasures::known, false);

        assertThat(again).isInstanceOf(Replay.Outcome.Refused.class);
        assertThat(run(other, "state")).isEqualTo("running");
        assertThat(users()).hasSize(50);
    }

    /** As the route is asked. */
    private static JsonNode ask(TestWorker worker, String body) throws Exception {
        ReplayResource resource =
                new ReplayResource(worker.policies, worker.transactions, worker.replay(), worker.settings());
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        return json.valueToTree(resource.replay(json.readValue(body, ReplayResource.Request.class), Caller.OPERATOR));
    }

    /** The database came back, and CLEANUP_LEDGER_KEY is a new one: nobody is recognised, and that is no success. */
    @Test
    void digestsOfAnotherKeyAreSaidToBeSo() throws Exception {
        worker(Map.of()).runNow(USERS);
        restoreBackup();
        TestWorker other = worker(Map.of("ledger-key", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="));

        assertThat(ask(worker(Map.of()), "{\"dryRun\":true}").path("otherKeys")).isEmpty();
        assertThat(ask(other, "{\"dryRun\":true}").path("otherKeys"))
                .singleElement()
                .satisfies(one -> assertThat(one.asText()).isEqualTo(key.id()));
        String kept = "{\"keyId\":\"" + key.id()
                + "\",\"dryRun\":true,\"since\":\"2000-01-01T00:00:00Z\",\"digests\":[\""
                + text("select encode(digest, 'hex') from caretaker.cleanup_erasure") + "\"]}";
        assertThat(ask(worker(Map.of()), kept)
                        .path("replays")
                        .path(0)
                        .path("matched")
                        .asInt())
                .isEqualTo(1);
        assertThatThrownBy(() -> ask(other, kept))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().detail()).contains("made under the ledger key " + key.id()));
        assertThat(users()).hasSize(50);
    }

    /** Nobody can carry a replay on, so it cannot rest either. */
    @Test
    void aReplayThatIsPausedIsEndedAndKeepsNobodyFromRunning() throws Exception {
        TestWorker worker = worker(Map.of());
        UUID paused = open(worker, Duration.ofMinutes(1));
        worker.requests.pause(paused, "ops");
        worker.requests.resume(paused);

        worker.worker.tick();

        assertThat(run(paused, "state")).isEqualTo("failed");
        assertThat(users()).hasSize(30);
    }

    /** The sum of the digests where the archive's name stands has the same hash, and nobody would miss the digests. */
    @Test
    void whoHidesTheDigestsIsFound() {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        database.execute("alter table caretaker.cleanup_ledger disable trigger all;"
                + " alter table caretaker.cleanup_erasure disable trigger all;"
                + " update caretaker.cleanup_ledger set archive = 'keys:' || keys, keys = null;"
                + " delete from caretaker.cleanup_erasure");

        assertThat(worker.ledgerFaults()).isNotEmpty();
    }

    /** The service was moved to a machine of another zone, or its image was given one. */
    @Test
    void aKeyWithATimeInItIsTheSameInEveryZone() throws Exception {
        database.execute("create table visits (at timestamptz primary key);"
                + " insert into visits select now() - n * interval '1 day' from generate_series(1, 20) as n;"
                + " create table backup_visits as select * from visits; analyze visits");
        Map<String, String> settings = TestPolicy.of("old-visits", "visits", "P7D")
                .with("remember-keys", "true")
                .settings(Map.of("ledger-key", KEY));
        new TestWorker(database, settings).runNow("old-visits");
        database.execute("delete from visits; insert into visits select * from backup_visits");
        TimeZone here = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone(here.getRawOffset() == 0 ? "Asia/Tokyo" : "UTC"));
            PGSimpleDataSource elsewhere = new PGSimpleDataSource();
            elsewhere.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
            elsewhere.setUser("postgres");
            elsewhere.setPassword("postgres");
            TestWorker moved = new TestWorker(elsewhere, settings, Clock.systemUTC());

            assertThat(moved.replay().replay(moved.policy("old-visits"), key, erasures::known, true, "test"))
                    .isEqualTo(new Replay.Outcome.Replayed(14, 0, null));
        } finally {
            TimeZone.setDefault(here);
        }
    }

    /** Two batches take their places at one time, and the second commits first. */
    @Test
    void whoExportsMissesNothingThatCommitsLater() throws Exception {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        String line = " insert into caretaker.cleanup_erasure (run_id, seq, key_id, digest)"
                + " select run_id, seq, 'k', '\\x%s' from caretaker.cleanup_erasure limit 1";
        CompletableFuture<List<Long>> page;
        try (OpenTransaction early = OpenTransaction.begin(database, line.formatted("01"))) {
            database.execute(line.formatted("02"));
            page = CompletableFuture.supplyAsync(() -> exported(worker, 0));
            awaitLockWait();
            early.commit();
        }

        assertThat(page.get(30, TimeUnit.SECONDS)).hasSize(22);
        assertThat(database.queryLong("select max(id) from caretaker.cleanup_erasure"))
                .isEqualTo(page.get().get(21));
    }

    /** In a database that was restored numbers are given anew: who went on behind the last one would miss as many. */
    @Test
    void whoGoesOnBehindADigestThatIsNotThereIsTold() {
        TestWorker worker = worker(Map.of());
        worker.runNow(USERS);
        long last = exported(worker, 0).get(19);

        assertThat(exported(worker, last)).isEmpty();
        assertThatThrownBy(() -> exported(worker, last + 1))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().detail()).contains("no digest of the number " + (last + 1)));
    }

    private static List<Long> exported(TestWorker worker, long after) {
        return new ReplayResource(worker.policies, worker.transactions, worker.replay(), worker.settings())
                .erasures(after, 100).erasures().stream()
                        .map(ErasureRepository.Erasure::id)
                        .toList();
    }

    /** No 500 that leaves the other policies' rows, and no run that stays open for a lease. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            return null                  | rows-kept      | a trigger or a rule of public.visits kept 1 of
            raise exception 'not this one' | database-error | SQL state P0001
            """)
    void aRowThatDoesNotGoIsNamedAndEndsTheReplay(String act, String reason, String why) throws Exception {
        database.execute("create table visits (id int primary key, at timestamptz); create index on visits (at, id);"
                + " insert into visits select n, now() - interval '9 days' from generate_series(1, 20) as n;"
                + " create table backup_visits as select * from visits; analyze visits");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-visits", "visits", "P7D")
                        .with("remember-keys", "true")
                        .with("triggers", "[keep]")
                        .settings(Map.of("ledger-key", KEY)));
        worker.runNow("old-visits");
        database.execute(
                "insert into visits select * from backup_visits;"
                        + " create function keep() returns trigger language plpgsql as $$ begin " + act + "; end $$;"
                        + " create trigger keep before delete on visits for each row when (old.id = 7) execute function keep()");

        Replay.Outcome outcome =
                worker.replay().replay(worker.policy("old-visits"), key, erasures::known, false, "test");

        assertThat(outcome.toString()).startsWith("Refused").contains(why).doesNotContain("not this one");
        assertThat(texts("select state || ' ' || stop_reason from caretaker.cleanup_run where trigger = 'replay'"))
                .containsExactly("failed " + reason);
    }

    /** What PostgreSQL does along with one row, or what hangs on many, may take longer than a batch may; a run does it in parts. */
    @Test
    void whatTakesTooLongAtOnceIsErasedInParts() throws Exception {
        database.execute("""
                create table notes (id int primary key, author bigint references users on delete set null);
                create index notes_author on notes (author);
                insert into notes select n, 1 from generate_series(1, 600) as n;
                create table backup_notes as select * from notes;
                create function slow() returns trigger language plpgsql as
                  'begin perform pg_sleep(0.001); return coalesce(new, old); end';
                analyze
                """);
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("gone", "users", "P30D")
                        .with("age", "{ column: deleted_at, means: event, zone: UTC }")
                        .with("remember-keys", "true")
                        .with("triggers", "[slow]")
                        .limits(100, 1)
                        .settings(Map.of("ledger-key", KEY, "statement-timeout", "300ms")));
        database.execute("create index on users (deleted_at, id)");
        worker.runNow("gone");
        restoreBackup();
        database.execute("update notes set author = (select author from backup_notes b where b.id = notes.id);"
                + " create trigger slow before update on notes for each row execute function slow()");

        Replay.Outcome outcome = worker.replay().replay(worker.policy("gone"), key, erasures::known, false, "test");

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Replay.Outcome.Replayed.class,
                        done -> assertThat(done.deleted()).isEqualTo(20));
        assertThat(users()).hasSize(30);
        assertThat(database.queryLong("select count(*) from notes where author is null"))
                .isEqualTo(600);
        assertThat(worker.ledgerFaults()).isEmpty();
    }
}
