package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.run.RunOpening;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server has no memory, or no disk, for a statement. */
class NoRoomDbTest extends CleanupDbTest {

    private final AtomicBoolean full = new AtomicBoolean(true);

    /** Of which statement it has none. */
    private final AtomicReference<String> what = new AtomicReference<>("caretaker.cleanup.catalogue-find");

    private final TestWorker worker =
            new TestWorker(source(), Items.policy("P7D").settings(), Clock.systemUTC());

    @BeforeEach
    void makeItems() {
        new Items(database).addExpired(10);
    }

    private DataSource source() {
        return InterceptedSessions.of(database.source(), (session, method, statement) -> {
            if (full.get() && method.equals("prepareStatement") && statement.contains(what.get())) {
                throw new SQLException("out of memory", "53200");
            }
        });
    }

    private void openSlot() {
        worker.transactions.run("test.slot", session -> new RunOpening().openSlot(session, worker.policy("old-items")));
    }

    /** Of a policy that runs once a month nothing would go for another one. */
    @Test
    void aRunOfTheScheduleIsTriedAgain() throws Exception {
        openSlot();
        worker.worker.work();

        assertThat(text("select state || ' ' || throttle || ' ' || (not_before > clock_timestamp())"
                        + " from caretaker.cleanup_run where policy = 'old-items'"))
                .isEqualTo("waiting database-error true");

        full.set(false);
        database.execute("update caretaker.cleanup_run set not_before = null");
        worker.worker.work();
        assertThat(text("select state || ' ' || rows_deleted from caretaker.cleanup_run where policy = 'old-items'"))
                .isEqualTo("completed 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"caretaker.cleanup.count", "caretaker.cleanup.sweep", "caretaker.cleanup.run-history"})
    void soItIsWhereItHasLookedAlready(String statement) throws Exception {
        what.set(statement);
        openSlot();
        worker.worker.work();

        assertThat(text("select state || ' ' || coalesce(throttle, '') || ' ' || coalesce(stop_detail, '')"
                        + " from caretaker.cleanup_run where policy = 'old-items'"))
                .isEqualTo("waiting database-error ");

        full.set(false);
        database.execute("update caretaker.cleanup_run set not_before = null");
        worker.worker.work();
        assertThat(text("select state || ' ' || rows_deleted from caretaker.cleanup_run where policy = 'old-items'"))
                .isEqualTo("completed 10");
    }

    @Test
    void anHourLaterItIsRefused() throws Exception {
        openSlot();
        database.execute("update caretaker.cleanup_run set created_at = created_at - interval '61 minutes'");
        worker.worker.work();

        assertThat(text("select state || ' ' || stop_reason || ' ' || stop_detail"
                        + " from caretaker.cleanup_run where policy = 'old-items'"))
                .startsWith(
                        "refused preflight it could not be looked at, so nothing goes (cleanup.preflight: SQL state 53200");
    }

    /** Whoever asked for it waits for an answer. */
    @Test
    void aRunThatSomebodyAskedForIsRefusedAtOnce() throws Exception {
        assertThat(run(worker.runNow("old-items"), "state || ' ' || stop_reason"))
                .isEqualTo("refused preflight");
    }
}
