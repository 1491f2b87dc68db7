package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import java.sql.SQLException;
import java.time.Clock;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hold that was asked for and not confirmed is there or not, and asking again is safe. */
class CutHoldDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY = TestPolicy.of("notes", "notes", "P1D");

    private int calls;

    private void makeNotes() {
        database.execute("drop table if exists notes; delete from caretaker.legal_hold;"
                + " create table notes (id int primary key, at timestamptz);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 40) as n;"
                + " create index on notes (at, id); analyze notes");
    }

    private TestHolds holds(DataSource source) {
        return new TestHolds(new TestWorker(source, POLICY.settings(), Clock.systemUTC()));
    }

    private DataSource cutting(int nth, boolean carriedOut) {
        calls = 0;
        return InterceptedSessions.of(database.source(), (session, method, statement) -> {
            if ((method.equals("prepareStatement") || method.equals("commit")) && ++calls == nth) {
                if (carriedOut && method.equals("commit")) {
                    session.commit();
                }
                session.abort(Runnable::run);
                throw new SQLException("the connection was cut", "08006");
            }
        });
    }

    private long open() {
        return database.queryLong("select count(*) from caretaker.legal_hold where released_at is null");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void placedOnce(boolean carriedOut) throws Exception {
        makeNotes();
        holds(cutting(Integer.MAX_VALUE, true)).hold("notes", "3");
        int all = calls;
        int lost = 0;
        for (int nth = 1; nth <= all; nth++) {
            makeNotes();
            try {
                holds(cutting(nth, carriedOut)).hold("notes", "3");
            } catch (DatabaseFailure e) {
                assertThat(e.isConnectionLoss()).isTrue();
                lost++;
            }
            boolean there = open() == 1;
            Holds.Outcome.Placed again =
                    (Holds.Outcome.Placed) holds(database.source()).place("notes", "3");
            assertThat(again.now()).as("before call " + nth).isEqualTo(!there);
            assertThat(database.queryLong("select count(*) from caretaker.legal_hold"))
                    .isOne();
        }
        assertThat(lost).isEqualTo(all);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void releasedOnce(boolean carriedOut) throws Exception {
        makeNotes();
        holds(cutting(Integer.MAX_VALUE, true)).release(holds(database.source()).hold("notes", "3"));
        int all = calls;
        assertThat(all).isPositive();
        for (int nth = 1; nth <= all; nth++) {
            UUID hold = holds(database.source()).hold("notes", "3");
            TestHolds cut = holds(cutting(nth, carriedOut));
            assertThatThrownBy(() -> cut.release(hold)).isInstanceOf(DatabaseFailure.class);
            boolean held = open() == 1;
            assertThat(holds(database.source()).release(hold)).isEqualTo(held);
        }
    }
}
