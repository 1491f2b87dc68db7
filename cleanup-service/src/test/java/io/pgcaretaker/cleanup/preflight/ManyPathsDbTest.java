package io.pgcaretaker.cleanup.preflight;

import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.INDEX;
import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.USERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.plan.NoticeCensus;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables that all say whose they are and belong to each other as well: what goes with a row is reached in very many ways. */
class ManyPathsDbTest extends CleanupDbTest {

    /** Each refers to its user and to the two tables before it. */
    private void makeTables(int tables) {
        database.execute(USERS + INDEX + "alter table users add email text, add username text");
        makeTablesFrom(1, tables);
    }

    private void makeTablesFrom(int first, int last) {
        for (int n = first; n <= last; n++) {
            List<String> above = n > 2 ? List.of("users", "t" + (n - 1), "t" + (n - 2)) : List.of("users");
            database.execute("create table t" + n + " (id bigint primary key)");
            for (String parent : above) {
                database.execute(
                        "alter table t%d add of_%s bigint references %s on delete cascade; create index on t%d (of_%s)"
                                .formatted(n, parent, parent, n, parent));
            }
        }
    }

    private TestWorker worker() {
        return new TestWorker(database, Map.of("user-notice-days", "7", "public-url", "https://app.example.com"));
    }

    /** To plan the look for holds along each of them took longer than a statement may. */
    @Test
    void manyAreArmedAndWhoIsToGoIsTold() {
        makeTables(13);
        database.execute("insert into users values (1, true, now() - interval '9 years')");
        TestWorker worker = worker();

        Readiness readiness = worker.check(Policies.USERS);

        assertThat(readiness.reasons()).isEmpty();
        ArmedPolicy armed = ((Readiness.Armed) readiness).policy();
        assertThat(armed.dependents()).hasSizeGreaterThan(1000);
        assertThat(worker.transactions.<Long>run(
                        "test.untold", session -> NoticeCensus.untold(session, armed, Instant.now())))
                .isEqualTo(1);
    }

    /** Of thirty tables there are a million ways, and each is a statement in every batch. */
    @Test
    void moreThanABatchCanGoAreRefused() {
        makeTables(30);

        assertThat(worker().check(Policies.USERS).reasons())
                .singleElement()
                .asString()
                .contains("reached from public.users in more than 2000 ways", "on delete set null");
    }

    /** A row that comes back without some of what went with it would be half of one. */
    @Test
    void whatComesBackWithARowIsAllOrNotKnown() {
        makeTables(12);
        TestWorker worker = worker();
        RetentionPolicy policy = worker.policy(Policies.USERS);
        Table users = worker.preflight().table(policy).orElseThrow();
        assertThat(worker.preflight().dependents(policy, users)).isPresent();

        makeTablesFrom(13, 16);

        assertThat(worker.preflight().dependents(policy, users)).isEmpty();
    }

    @Test
    void whatIsInTheWayIsToldOnce() {
        makeTables(8);
        database.execute("drop index t5_of_t4_idx");

        assertThat(worker().check(Policies.USERS).reasons())
                .singleElement()
                .asString()
                .contains("t5_of_t4_fkey");
    }
}
