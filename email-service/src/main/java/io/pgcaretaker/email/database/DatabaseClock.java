package io.pgcaretaker.email.database;

import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The database's clock, which decides when a mail is due and from when on it is of no use. What this machine's clock says, and
 * a step of it, changes neither: between two looks at the database time goes by a monotonic clock.
 */
@Singleton
public class DatabaseClock extends Clock {

    private static final Logger LOG = Logger.getLogger(DatabaseClock.class);
    private static final int DEADLINE_SECONDS = 2;

    private final DataSource database;
    private final DatabaseGate gate;
    private final LongSupplier nanos = System::nanoTime;
    private volatile @Nullable Look last;

    /** What the database's clock said when ours said that many nanoseconds. */
    private record Look(Instant at, long nanos) {}

    DatabaseClock(DataSource database, DatabaseGate gate) {
        this.database = database;
        this.gate = gate;
    }

    void onStart(@Observes @Priority(5) StartupEvent event) {
        tick();
    }

    /** Until it is known; then this asks the database nothing. */
    @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        if (last == null) {
            lookAgain();
        }
    }

    @Scheduled(
            every = "{caretaker.email.delivery.measure-interval}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void lookAgain() {
        if (!gate.isOpen()) {
            return;
        }
        try {
            last = look();
        } catch (SQLException e) {
            LOG.warnf("the database's clock cannot be read, the next tick tries again cause=%s", e.getMessage());
        }
    }

    private Look look() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-clock */
                        select (extract(epoch from clock_timestamp()) * 1000000)::bigint
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            long before = nanos.getAsLong();
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Instant at = Instant.EPOCH.plusNanos(row.getLong(1) * 1_000);
                return new Look(at, before + (nanos.getAsLong() - before) / 2);
            }
        }
    }

    /** Asks nobody. Before the first look, when no mail can be accepted either, it is this machine's time. */
    @Override
    public Instant instant() {
        Look known = last;
        return known == null ? Clock.systemUTC().instant() : known.at().plusNanos(nanos.getAsLong() - known.nanos());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("times are UTC");
    }
}
