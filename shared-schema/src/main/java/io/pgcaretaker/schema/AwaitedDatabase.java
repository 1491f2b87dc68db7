package io.pgcaretaker.schema;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/**
 * A database that a migration finds away is waited for, and it is said why: it may start beside it. What no waiting helps, such as a
 * wrong password, ends it at once; Flyway alone tried that for minutes, too, without a word.
 */
final class AwaitedDatabase {

    /** Less than the Job may take (k8s/base/migrate-job.yaml), so that it ends with a sentence. */
    static final Duration LONGEST = Duration.ofMinutes(5);

    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** It cannot be reached, starts or ends, has no session to spare. */
    private static final String AWAY = "08.*|57P0.|53...";

    private final DataSource database;
    private final Duration longest;
    private final Consumer<String> out;

    AwaitedDatabase(DataSource database, Duration longest, Consumer<String> out) {
        this.database = database;
        this.longest = longest;
        this.out = out;
    }

    void await() {
        long end = System.nanoTime() + longest.toNanos();
        String told = "";
        while (true) {
            SQLException failure;
            try {
                database.getConnection().close();
                return;
            } catch (SQLException e) {
                failure = e;
            } catch (FlywayException e) {
                failure = cause(e);
            }
            String why = String.valueOf(failure.getMessage());
            if (!String.valueOf(failure.getSQLState()).matches(AWAY)
                    || System.nanoTime() > end
                    || Thread.currentThread().isInterrupted()) {
                throw new FlywayException("no connection to the database of DATABASE_URL: " + why, failure);
            }
            if (!why.equals(told)) {
                out.accept("migration waits for the database: " + why);
                told = why;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static SQLException cause(FlywayException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure) {
                return failure;
            }
        }
        throw e;
    }
}
