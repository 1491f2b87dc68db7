package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of a file are back all or not at all, and once: where the session is lost at any moment, and where two ask at once. */
class CutArchiveRestoreDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY =
            TestPolicy.of("old-letters", "letters", "P1D").with("action", "archive");

    private static final Set<String> CALLS = Set.of("prepareStatement", "commit", "unwrap");

    @TempDir
    Path folder;

    private Archive archive;
    private Manifest manifest;
    private int calls;

    @BeforeEach
    void archiveAllLetters() throws Exception {
        database.execute("create table letters (id int primary key, at timestamptz);"
                + " create index on letters (at, id);"
                + " insert into letters select n, now() - interval '9 days' from generate_series(1, 50) as n; analyze");
        TestWorker worker = new TestWorker(
                database,
                POLICY.settings(
                        Map.of("archive-directory", folder.resolve("archive").toString())));
        worker.runNow("old-letters");
        archive = Archive.of(worker.settings());
        manifest = Objects.requireNonNull(
                archive.list(Archive.Selection.ALL, 0, 10).get(0).manifest());
    }

    private ArchiveRestore.Outcome restore(DataSource source) throws Exception {
        return new ArchiveRestore(new Transactions(source), new CatalogueRepository(), new LedgerRepository(), archive)
                .restore(manifest, false, "somebody");
    }

    /** The n-th of these calls is the last thing that a session does. */
    private DataSource cutting(int nth, boolean carriedOut) {
        calls = 0;
        return InterceptedSessions.of(database.source(), (session, method, statement) -> {
            if (CALLS.contains(method) && ++calls == nth) {
                if (carriedOut && method.equals("commit")) {
                    session.commit();
                }
                session.abort(Runnable::run);
                throw new SQLException("the connection was cut", "08006");
            }
        });
    }

    private String state() throws Exception {
        return text("select (select count(*) from letters) || ' ' || coalesce(sum(rows), 0) || ' ' || count(*)"
                + " from caretaker.cleanup_archive_restore");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allOrNothingAndTheNextTryBringsThem(boolean carriedOut) throws Exception {
        restore(cutting(Integer.MAX_VALUE, true));
        int all = calls;
        assertThat(all).isGreaterThan(6);
        int lost = 0;
        for (int nth = 1; nth <= all; nth++) {
            database.execute("truncate letters; alter table caretaker.cleanup_archive_restore disable trigger user;"
                    + " delete from caretaker.cleanup_archive_restore;"
                    + " alter table caretaker.cleanup_archive_restore enable trigger user");
            try {
                restore(cutting(nth, carriedOut));
            } catch (DatabaseFailure e) {
                assertThat(e.isConnectionLoss()).isTrue();
                lost++;
            }
            String before = state();
            assertThat(before).as("before call " + nth).isIn("0 0 0", "50 50 1");
            assertThat(restore(database.source()))
                    .isInstanceOf(
                            before.equals("0 0 0")
                                    ? ArchiveRestore.Outcome.Restored.class
                                    : ArchiveRestore.Outcome.Refused.class);
            assertThat(state()).isEqualTo("50 50 1");
        }
        assertThat(lost).isEqualTo(all);
    }

    /** As between the end of a primary and the promotion of its standby: nothing is wrong with the rows. */
    @Test
    void aDatabaseThatTakesNoWritesRefusesNoRow() {
        DataSource standby = InterceptedSessions.readOnlyFrom(database.source(), "caretaker.cleanup.archive-triggers");

        assertThatThrownBy(() -> restore(standby))
                .isInstanceOfSatisfying(
                        DatabaseFailure.class,
                        failure -> assertThat(failure.isReadOnly()).isTrue());
    }

    @Test
    void twoAtOncePutThemInOnce() throws Exception {
        assertOnlyOneOfTwoRestores();
    }

    /** Nothing in the table refuses a row that is there already. */
    @Test
    void twoAtOncePutThemInOnceWhereTheKeyHasGoneSince() throws Exception {
        database.execute("alter table letters drop constraint letters_pkey");

        assertOnlyOneOfTwoRestores();

        assertThat(((ArchiveRestore.Outcome.Refused) restore(database.source())).why())
                .contains("it was read back at", "by somebody", "no key any more");
    }

    private void assertOnlyOneOfTwoRestores() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CyclicBarrier together = new CyclicBarrier(2);
            DataSource meeting = InterceptedSessions.beforeStatement(
                    database.source(),
                    "catalogue-twins",
                    (session, method, sql) -> together.await(1, TimeUnit.MINUTES));
            List<Future<ArchiveRestore.Outcome>> both = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                both.add(threads.submit(() -> restore(meeting)));
            }
            assertThat(List.of(both.get(0).get(), both.get(1).get()))
                    .hasAtLeastOneElementOfType(ArchiveRestore.Outcome.Restored.class)
                    .hasAtLeastOneElementOfType(ArchiveRestore.Outcome.Refused.class);
        } finally {
            threads.shutdownNow();
        }
        assertThat(state()).isEqualTo("50 50 1");
    }
}
