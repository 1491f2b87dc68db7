package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The connection is lost exactly at a commit: the service cannot know whether it came about, and does not guess. */
class CutAtCommitDbTest extends CleanupDbTest {

    private static final int EXPIRED = 30_000;
    private static final int KEPT = 100;
    private static final Executor AT_ONCE = Runnable::run;

    private final AtomicInteger commits = new AtomicInteger();

    private TestWorker worker(DataSource source) {
        TestPolicy policy = Items.policy("P7D").with("batch-target", "PT0.002S");
        // One window after the other, or it would be chance whose commit is the n-th.
        return new TestWorker(source, policy.settings(Map.of("windows-at-once", "1")), Clock.systemUTC());
    }

    @BeforeEach
    void makeItems() {
        new Items(database).addExpired(EXPIRED);
        database.execute(
                "insert into items select -n, now() from generate_series(1, " + KEPT + ") as n; analyze items");
    }

    /** Gives sessions whose n-th commit, counted over all of them, is the last thing that they do. */
    private DataSource cutting(int nth, boolean carriedOut) {
        return InterceptedSessions.of(database.source(), (session, method, statement) -> {
            if (method.equals("commit") && commits.incrementAndGet() == nth) {
                if (carriedOut) {
                    session.commit();
                }
                session.abort(AT_ONCE);
                throw new SQLException("the connection was cut", "08006");
            }
        });
    }

    /** How many commits a run of these rows takes: the cuts below are in the midst of it. */
    @Test
    void thereAreMoreCommitsThanAreCut() throws Exception {
        worker(cutting(Integer.MAX_VALUE, true)).runNow("old-items");

        assertThat(commits.get()).isGreaterThan(12);
    }

    @ParameterizedTest
    @CsvSource({
        "5, true",
        "5, false",
        "7, true",
        "7, false",
        "8, true",
        "8, false",
        "9, true",
        "9, false",
        "11, true",
        "11, false"
    })
    void whatIsNotKnownIsReadAgain(int nth, boolean carriedOut) throws Exception {
        worker(cutting(nth, carriedOut)).runNow("old-items");
        assertThat(state()).as("left as it was, by whoever cannot know").isEqualTo("running");
        database.execute("update caretaker.cleanup_run set lease_until = now() - interval '1 second'");
        TestWorker next = worker(database.source());
        next.worker.work();

        assertThat(state()).isEqualTo("completed");
        assertThat(database.queryLong("select count(*) from items")).isEqualTo(KEPT);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(EXPIRED);
        assertThat(database.queryLong("select rows_deleted from caretaker.cleanup_run"))
                .isEqualTo(EXPIRED);
        assertThat(next.ledgerFaults()).isEmpty();
    }

    private String state() throws SQLException {
        return text("select state from caretaker.cleanup_run");
    }
}
