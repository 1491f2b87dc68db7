package io.pgcaretaker.database;

import io.pgcaretaker.problem.DatabaseProblem;
import java.sql.SQLException;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What fails every few seconds for the same reason, as every write to a standby does, is told once, and its end once; not a
 * stack trace a round.
 */
public final class RepeatedFailure {

    private static final String READ_ONLY = "25006";

    /** Classes of: no connection; shut down, or ended by an administrator. */
    private static final String NO_CONNECTION = "08";

    private static final String SHUT_DOWN = "57P";

    private final Logger log;
    private final String what;
    private @Nullable String state;

    /** @param what such as {@code rules were not evaluated} */
    public RepeatedFailure(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    public void happened(SQLException e) {
        happened(String.valueOf(e.getSQLState()), e);
    }

    /** Of what carries PostgreSQL's state in its own way. */
    public synchronized void happened(String now, Exception e) {
        if (Objects.equals(state, now)) {
            log.debugf(e, "%s again, will be repeated sqlstate=%s", what, now);
        } else if (now.equals(READ_ONLY)) {
            log.warnf("%s, will be repeated: the database takes no writes, as a standby does", what);
        } else if (DatabaseProblem.notLetIn(now).isPresent()) {
            log.warnf(
                    "%s, will be repeated: %s",
                    what, DatabaseProblem.notLetIn(now).get());
        } else if (now.startsWith(NO_CONNECTION) || now.startsWith(SHUT_DOWN)) {
            log.warnf("%s, will be repeated: the database is away sqlstate=%s", what, now);
        } else {
            log.errorf(e, "%s, will be repeated sqlstate=%s", what, now);
        }
        state = now;
    }

    /** Of what fails without an exception of its own; the cause is a few words that stay the same. */
    public synchronized void happened(String cause) {
        if (Objects.equals(state, cause)) {
            log.debugf("%s again, will be repeated %s", what, cause);
        } else {
            log.warnf("%s, will be repeated %s", what, cause);
        }
        state = cause;
    }

    public synchronized void isOver() {
        if (state != null) {
            log.infof("no longer so: %s", what);
            state = null;
        }
    }
}
