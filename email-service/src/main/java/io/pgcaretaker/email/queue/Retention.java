package io.pgcaretaker.email.queue;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.database.IndexedTransaction;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Removes mails that ended long ago with all that was kept of them; any replica may, any number. */
@ApplicationScoped
public class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final int DEADLINE_SECONDS = 10;

    /** A statement's worth: short enough to be in nobody's way. */
    private static final int BATCH = 500;

    /** A tick's worth: a minute apart, that is more than fourteen million a day. */
    private static final int MOST_BATCHES = 20;

    private final DataSource database;
    private final Duration retention;

    @Inject
    Retention(DataSource database, EmailConfig config) {
        this(database, config.retention());
    }

    Retention(DataSource database, Duration retention) {
        this.database = database;
        this.retention = retention;
    }

    @Scheduled(
            every = "{caretaker.email.delivery.tidy-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        try {
            int removed = 0;
            int batch = BATCH;
            for (int i = 0; i < MOST_BATCHES && batch == BATCH; i++) {
                batch = remove();
                removed += batch;
            }
            if (removed > 0) {
                LOG.infof("removed mails at the end of their retention mails=%d", removed);
            }
        } catch (SQLException e) {
            LOG.error("mails at the end of their retention cannot be removed, the next tick tries again", e);
        }
    }

    /**
     * What still waits stays, and so does what an operator has to decide on. Asked by its state, each batch would read all
     * recipients for the few of those.
     */
    private int remove() throws SQLException {
        return IndexedTransaction.run(database, this::remove);
    }

    private int remove(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-retention */
                        delete from caretaker.email
                        where id in (
                          select e.id
                          from caretaker.email e
                          where e.created_at < now() - ? * interval '1 millisecond'
                            and not exists (select from caretaker.email_due d where d.email_id = e.id)
                            and not exists (
                              select
                              from caretaker.email_unknown u
                              join caretaker.email_recipient r on r.id = u.recipient_id
                              where r.email_id = e.id)
                          order by e.created_at, e.id
                          limit 500
                          for update skip locked)
                        """)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            statement.setLong(1, retention.toMillis());
            return statement.executeUpdate();
        }
    }
}
