package io.pgcaretaker.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepeatedFailureTest {

    private final List<String> said = new ArrayList<>();
    private final RepeatedFailure failure = new RepeatedFailure(new Recording(), "rules were not evaluated");

    /** Keeps what is not for debugging. */
    private final class Recording extends Logger {
        private static final long serialVersionUID = 1;

        Recording() {
            super("test");
        }

        @Override
        protected void doLog(
                Level level,
                String logger,
                Object message,
                Object @Nullable [] parameters,
                @Nullable Throwable thrown) {
            keep(level, String.valueOf(message), thrown);
        }

        @Override
        protected void doLogf(
                Level level, String logger, String format, Object @Nullable [] parameters, @Nullable Throwable thrown) {
            keep(level, parameters == null ? format : format.formatted(parameters), thrown);
        }

        private void keep(Level level, String message, @Nullable Throwable thrown) {
            if (level != Level.DEBUG) {
                said.add(level + " " + message + (thrown == null ? "" : " with its trace"));
            }
        }

        @Override
        public boolean isEnabled(Level level) {
            return true;
        }
    }

    @Test
    void isToldOnceAndItsEndOnce() {
        failure.isOver();
        failure.happened(new SQLException("x", "53100"));
        failure.happened(new SQLException("x", "53100"));
        failure.happened(new SQLException("x", "40001"));
        failure.isOver();
        failure.isOver();

        assertThat(said)
                .containsExactly(
                        "ERROR rules were not evaluated, will be repeated sqlstate=53100 with its trace",
                        "ERROR rules were not evaluated, will be repeated sqlstate=40001 with its trace",
                        "INFO no longer so: rules were not evaluated");
    }

    @Test
    void aCauseIsToldOnceToo() {
        failure.happened("status=500");
        failure.happened("status=500");
        failure.happened("cause=ConnectException");
        failure.isOver();

        assertThat(said)
                .containsExactly(
                        "WARN rules were not evaluated, will be repeated status=500",
                        "WARN rules were not evaluated, will be repeated cause=ConnectException",
                        "INFO no longer so: rules were not evaluated");
    }

    @Test
    void aStandbyIsNoFault() {
        failure.happened(new SQLException("x", "25006"));
        failure.happened(new SQLException("x", "25006"));

        assertThat(said)
                .containsExactly(
                        "WARN rules were not evaluated, will be repeated: the database takes no writes, as a standby does");
    }

    /** At each outage each timer would leave a trace. */
    @Test
    void aDatabaseThatIsAwayOrLetsNobodyInIsNoFaultOfOurs() {
        failure.happened(new SQLException("x", "53300"));
        failure.happened(new SQLException("x", "57P01"));
        failure.happened(new SQLException("x", "08006"));

        assertThat(said)
                .containsExactly(
                        "WARN rules were not evaluated, will be repeated: the database takes no further session"
                                + " (max_connections, or a CONNECTION LIMIT); try again",
                        "WARN rules were not evaluated, will be repeated: the database is away sqlstate=57P01",
                        "WARN rules were not evaluated, will be repeated: the database is away sqlstate=08006");
    }
}
