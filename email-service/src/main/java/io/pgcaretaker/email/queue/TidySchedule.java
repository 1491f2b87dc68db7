package io.pgcaretaker.email.queue;

import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Erases secrets that nobody needs any more, and idempotency keys whose time is over; any replica may, any number. */
@ApplicationScoped
public class TidySchedule {

    private static final Logger LOG = Logger.getLogger(TidySchedule.class);
    private static final int DEADLINE_SECONDS = 10;

    /** A statement's worth: short enough to be in nobody's way. */
    private static final int BATCH = 1000;

    /** A tick's worth: a minute apart, that is more than twenty-eight million a day. */
    private static final int MOST_BATCHES = 20;

    private final DataSource database;

    TidySchedule(DataSource database) {
        this.database = database;
    }

    @Scheduled(
            every = "{caretaker.email.delivery.tidy-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        try {
            int secrets = inBatches("""
                    /* caretaker.email-erase-secrets */
                    delete from caretaker.email_secret
                    where email_id in (
                      select s.email_id
                      from caretaker.email_secret s
                      where s.expires_at <= now()
                         or not exists (select from caretaker.email_due d where d.email_id = s.email_id)
                           -- One that is held can still be sent, by an operator.
                           and not exists (
                             select
                             from caretaker.email_unknown u
                             join caretaker.email_recipient r on r.id = u.recipient_id
                             where r.email_id = s.email_id)
                      order by s.expires_at
                      limit 1000)
                    """);
            int keys = inBatches("""
                    /* caretaker.email-forget-keys */
                    delete from caretaker.email_idempotency
                    where ctid in (
                      select ctid
                      from caretaker.email_idempotency
                      where expires_at <= now()
                      order by expires_at
                      limit 1000)
                    """);
            delete("""
                    /* caretaker.email-forget-rates */
                    delete from caretaker.email_rate
                    where next_at < now() - interval '1 hour'
                    """);
            delete("""
                    /* caretaker.alert-budget-forget */
                    delete from caretaker.alert_budget
                    where window_start < now() - interval '1 day'
                    """);
            if (secrets + keys > 0) {
                LOG.infof("tidied secrets=%d idempotencyKeys=%d", secrets, keys);
            }
        } catch (SQLException e) {
            LOG.error("tidying failed, the next tick tries again", e);
        }
    }

    /** For statements that end with {@link #BATCH} as their limit. */
    private int inBatches(String sql) throws SQLException {
        int all = 0;
        int deleted = BATCH;
        for (int i = 0; i < MOST_BATCHES && deleted == BATCH; i++) {
            deleted = delete(sql);
            all += deleted;
        }
        return all;
    }

    private int delete(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(DEADLINE_SECONDS);
            return statement.executeUpdate();
        }
    }
}
