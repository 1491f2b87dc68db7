package io.pgcaretaker.startup;

import io.pgcaretaker.database.DatabaseConfig;
import io.pgcaretaker.problem.DatabaseProblem;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.ScheduledExecution;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether the database can be reached and carries the schema this build needs.
 *
 * <p>At the start, an older schema ends the service with a sentence. A database that cannot be reached does not: the
 * service stays up, not ready, and looks again. Everybody else asks {@link #isOpen()}, which answers from memory.
 */
@ApplicationScoped
public class DatabaseGate {

    private static final Logger LOG = Logger.getLogger(DatabaseGate.class);

    /** The probe must end well before the next one. */
    private static final int PROBE_DEADLINE_SECONDS = 2;

    private static final String CANCELLED = "57014";

    private static final Duration LONGEST_SHUT = Duration.ofMinutes(1);

    private final DataSource database;
    private final Flyway flyway;
    private final Duration validity;
    private final Event<DatabaseFirstReached> firstReached;
    private final AtomicBoolean announced = new AtomicBoolean();
    private final ReentrantLock looking = new ReentrantLock();
    private volatile boolean schemaChecked;
    private volatile boolean reachable;
    private volatile boolean told;
    private volatile @Nullable Exception failure;
    private volatile boolean starting = true;
    private volatile boolean stopping;
    // Monotonic, since a step of the wall clock says nothing about the database.
    private volatile long answeredAt = System.nanoTime();

    DatabaseGate(DataSource database, Flyway flyway, DatabaseConfig config, Event<DatabaseFirstReached> firstReached) {
        this.database = database;
        this.flyway = flyway;
        this.validity = config.probeInterval().multipliedBy(2).plusSeconds(5);
        this.firstReached = firstReached;
    }

    /**
     * True when the database answered the last probe and its schema is new enough. A probe that hangs (a server that
     * accepts but does not answer) makes no newer answer, so an old one does not count for long.
     */
    public boolean isOpen() {
        return schemaChecked && reachable && System.nanoTime() - answeredAt < validity.toNanos();
    }

    /**
     * Nothing has been answered for several looks, and the next one comes so soon that nobody need try whether the database is
     * back. One look that failed is not enough: the pool may have been busy.
     */
    boolean isKnownToBeShut() {
        return System.nanoTime() - answeredAt >= validity.toNanos() && validity.compareTo(LONGEST_SHUT) <= 0;
    }

    /** Of the last look, where that has failed. */
    @Nullable
    Exception failure() {
        return failure;
    }

    /** A method, since what is injected is a proxy, which has no fields of this. */
    boolean isShutToTimers() {
        return starting || stopping || !isOpen();
    }

    /** Returns with an answer: what starts after this relies on it. */
    void onStart(@Observes @Priority(1) StartupEvent event) {
        looking.lock();
        try {
            probe();
        } finally {
            looking.unlock();
        }
    }

    /** After all that may still refuse the start: a service that is not started has done nothing. */
    void onStarted(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
        starting = false;
        announce();
    }

    private void announce() {
        if (!isShutToTimers() && announced.compareAndSet(false, true)) {
            firstReached.fireAsync(new DatabaseFirstReached()).exceptionally(failure -> {
                LOG.error("a first look at the database failed, the next one is its timer's", failure);
                return null;
            });
        }
    }

    /** What a timer began now would find the connections closed, and tell of a database that is not at fault. */
    void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
        stopping = true;
    }

    @Scheduled(every = "{caretaker.database.probe-interval}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        // The first tick comes while the start still looks, and a look at the schema costs three sessions.
        if (stopping || !looking.tryLock()) {
            return;
        }
        try {
            probe();
            announce();
        } catch (SchemaTooOldException e) {
            LOG.errorf("stopping: %s", e.getMessage());
            Quarkus.asyncExit(1);
        } finally {
            looking.unlock();
        }
    }

    private void probe() {
        boolean before = reachable;
        long begun = System.nanoTime();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(PROBE_DEADLINE_SECONDS);
            try (ResultSet result = statement.executeQuery("/* caretaker.probe */ select 1")) {
                result.next();
            }
            if (!schemaChecked) {
                checkSchema();
                schemaChecked = true;
            }
            answeredAt = System.nanoTime();
            reachable = true;
            failure = null;
        } catch (SQLException | FlywayException e) {
            reachable = false;
            failure = e;
            if (before || !told) {
                told = true;
                LOG.warnf("%s cause=%s", sentence(e, Duration.ofNanos(System.nanoTime() - begun)), rootMessage(e));
            }
            return;
        }
        if (!before) {
            LOG.info("database reached");
        }
    }

    /** A database that answers, and lets no statement come to its end, is not to be looked for under another address. */
    static String sentence(Exception failure, Duration took) {
        if (isCancelled(failure) && took.compareTo(Duration.ofSeconds(PROBE_DEADLINE_SECONDS)) < 0) {
            return "database answers, and cancels what it is asked before its deadline, not ready until it does not; check the"
                    + " statement_timeout of the role, the database and the server";
        }
        return sqlState(failure)
                .flatMap(DatabaseProblem::notLetIn)
                .map(why -> "not ready until the database lets the service in: " + why)
                .orElse("database cannot be reached, not ready until it answers; check DATABASE_URL and the server");
    }

    private static boolean isCancelled(Throwable failure) {
        return sqlState(failure).filter(CANCELLED::equals).isPresent();
    }

    private static Optional<String> sqlState(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return Optional.of(sql.getSQLState());
            }
        }
        return Optional.empty();
    }

    private void checkSchema() {
        MigrationInfo[] pending = flyway.info().pending();
        if (pending.length > 0) {
            throw new SchemaTooOldException("the database's schema caretaker lacks "
                    + Arrays.stream(pending)
                            .map(migration -> "V" + migration.getVersion())
                            .toList()
                    + "; run the migration first (Kubernetes: the Job caretaker-migrate; one machine: ./caretaker up)");
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** For {@code @Scheduled(skipExecutionIf = …)}: no timer works against a database that is not there, nor before the start is over, nor at the end. */
    @Singleton
    public static class Closed implements Scheduled.SkipPredicate {
        private final DatabaseGate gate;

        Closed(DatabaseGate gate) {
            this.gate = gate;
        }

        @Override
        public boolean test(ScheduledExecution execution) {
            return gate.isShutToTimers();
        }
    }
}
