package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.cleanup.Caller;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.ledger.ErasureRepository;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that may be given again, as names: who has one now is not who was erased under it. */
class ReplayedKeysDbTest extends CleanupDbTest {

    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private final Map<String, String> settings = TestPolicy.of("people", "people", "P30D")
            .with("remember-keys", "true")
            .settings(Map.of("ledger-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));

    /** The first bob was erased, and somebody else has taken the name. */
    @BeforeEach
    void makePeople() {
        database.execute(
                "create table people (name text primary key, at timestamptz); create index on people (at, name);"
                        + " insert into people values ('ann', now()), ('bob', now()), ('eve', now())");
        leave(database, "bob");
        database.execute("insert into people values ('bob', now())");
    }

    private void leave(TestDatabase where, String name) {
        where.execute("update people set at = now() - interval '40 days' where name = '" + name + "'");
        new TestWorker(where, settings).runNow("people");
    }

    private ReplayResource resource(TestDatabase where) {
        TestWorker worker = new TestWorker(where, settings);
        return new ReplayResource(worker.policies, worker.transactions, worker.replay(), worker.settings());
    }

    /** What is kept apart from the database, as the command sends it. */
    private String kept() throws Exception {
        List<ErasureRepository.Erasure> erasures =
                resource(database).erasures(0, 100).erasures();
        return JSON.writeValueAsString(Map.of(
                "digests",
                        erasures.stream().map(ErasureRepository.Erasure::digest).toList(),
                "erasedAt",
                        erasures.stream()
                                .map(ErasureRepository.Erasure::erasedAt)
                                .toList()));
    }

    private JsonNode replay(TestDatabase where, String body) throws Exception {
        JsonNode answer = JSON.valueToTree(
                resource(where).replay(JSON.readValue(body, ReplayResource.Request.class), Caller.OPERATOR));
        for (JsonNode replay : answer.path("replays")) {
            if (replay.path("policy").asText().equals("people")) {
                return replay;
            }
        }
        throw new AssertionError("the policy was not looked at");
    }

    private static SortedSet<String> people(TestDatabase where) throws Exception {
        return SampleRows.texts(where, "select name from people");
    }

    @Test
    void whoHasTheKeyOfSomebodyWhoHadGoneBeforeTheBackupStays() throws Exception {
        TestDatabase backup = database.copy();
        leave(database, "eve");

        JsonNode answer = replay(backup, kept());

        assertThat(people(backup)).containsExactly("ann", "bob");
        assertThat(answer.path("deleted").asInt()).isEqualTo(1);
        assertThat(answer.path("earlier").asInt()).isEqualTo(1);
        assertThat(people(backup)).isEqualTo(people(database));
    }

    @Test
    void whoWasErasedAfterTheBackupUnderAKeyOfBeforeIsErasedAgain() throws Exception {
        TestDatabase backup = database.copy();
        leave(database, "bob");

        JsonNode answer = replay(backup, kept());

        assertThat(people(backup)).containsExactly("ann", "eve");
        assertThat(answer.path("earlier").asInt()).isZero();
    }

    /** As by a timer, or because the first time something was refused. */
    @Test
    void whoHasTheKeyOfSomebodyWhoWasErasedAgainStaysAtTheNextReplay() throws Exception {
        TestDatabase backup = database.copy();
        leave(database, "eve");
        String kept = kept();
        replay(backup, kept);
        backup.execute("insert into people values ('eve', now())");

        replay(backup, kept);

        assertThat(people(backup)).containsExactly("ann", "bob", "eve");
    }

    /** Caretaker's schema is newer than the table: its ledger has all of them, and who had gone before the backup too. */
    @Test
    void ofATableThatWasPutBackAloneWhoWasErasedSinceThenIsErasedAgain() throws Exception {
        database.execute("create table backup as select * from people");
        String moment =
                text("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
        leave(database, "eve");
        database.execute("delete from people; insert into people select * from backup");

        JsonNode answer = replay(database, "{\"since\":\"" + moment + "\"}");

        assertThat(people(database)).containsExactly("ann", "bob");
        assertThat(answer.path("deleted").asInt()).isEqualTo(1);
    }

    /** A slip of the year: it found nobody, and looked like a replay that need not erase anybody. */
    @Test
    void aMomentInTheFutureIsRefused() throws Exception {
        for (String more : new String[] {"", ",\"dryRun\":true", ",\"digests\":[]"}) {
            assertThatThrownBy(() -> replay(database, "{\"since\":\"2199-01-01T00:00:00Z\"" + more + "}"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().toString()).contains("must not lie in the future"));
        }
    }

    /** Of a database that was restored as a whole it would erase nobody but others. */
    @Test
    void byTheLedgerAloneNobodyIsErasedUnlessItIsSaidSinceWhen() throws Exception {
        assertThatThrownBy(() -> replay(database, "{}"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().toString()).contains("since"));

        assertThat(people(database)).containsExactly("ann", "bob", "eve");
        assertThat(replay(database, "{\"dryRun\":true}").path("matched").asInt())
                .isEqualTo(1);
    }

    @Test
    void aTimeForEachDigestOrForNone() throws Exception {
        String digest = "0123456789abcdef".repeat(4);

        assertThatThrownBy(() -> replay(database, "{\"digests\":[\"" + digest + "\"],\"erasedAt\":[]}"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().toString()).contains("must be as many as digests"));
    }

    /** The policy that is shipped remembers keys, too, and not every application has a table of that name. */
    @Test
    void aPolicyWithoutATableIsARefusalOnlyWhereThereAreDigestsOfIt() {
        ReplayResource.Request asked = new ReplayResource.Request(null, null, null, Instant.EPOCH, true);

        assertThat(resource(database).replay(asked, Caller.OPERATOR).replays())
                .filteredOn(replay -> replay.policy().equals("soft-deleted-users"))
                .singleElement()
                .satisfies(replay -> assertThat(replay.refused()).isNull());

        database.execute("alter table people rename to persons");
        assertThat(resource(database).replay(asked, Caller.OPERATOR).replays())
                .filteredOn(replay -> replay.policy().equals("people"))
                .singleElement()
                .satisfies(replay -> assertThat(replay.refused()).contains("no table people"));
    }
}
