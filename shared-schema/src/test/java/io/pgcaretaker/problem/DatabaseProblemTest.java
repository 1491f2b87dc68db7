package io.pgcaretaker.problem;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import javax.transaction.xa.XAException;
import org.junit.jupiter.api.Test;

class DatabaseProblemTest {

    private final SQLException lost = new SQLException("An I/O error occurred", "08006");

    /** As Narayana says it. Such a request was a 500 with a trace, and a reader of events was left. */
    @Test
    void aSessionThatEndsAtTheCommitIsADatabaseThatIsAway() {
        XAException commit = new XAException("Error trying to transactionCommit local transaction");
        commit.initCause(lost);
        RollbackException rollback = new RollbackException("ARJUNA016053: Could not commit transaction.");
        rollback.addSuppressed(commit);

        assertThat(DatabaseProblem.isAway(new IllegalStateException(rollback))).isTrue();
        assertThat(DatabaseProblem.of(new IllegalStateException(rollback)).getStatus())
                .isEqualTo(503);
    }

    /** What a session says as it is closed behind an error of ours is not what was wrong. */
    @Test
    void whatIsToldBesideAnotherErrorIsNotItsCause() {
        IllegalStateException ours = new IllegalStateException("broken");
        ours.addSuppressed(lost);

        assertThat(DatabaseProblem.isAway(ours)).isFalse();
    }
}
