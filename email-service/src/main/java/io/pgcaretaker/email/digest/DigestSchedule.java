package io.pgcaretaker.email.digest;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** Looks now and then whether a digest is due; any replica may, any number. */
@ApplicationScoped
public class DigestSchedule {

    private static final Logger LOG = Logger.getLogger(DigestSchedule.class);

    private final Digests digests;
    private final DigestRepository repository;
    private final EmailConfig.Digests config;
    private final Clock clock;
    private final boolean unreachable;
    private final Map<Period, Instant> told = new EnumMap<>(Period.class);

    DigestSchedule(Digests digests, DigestRepository repository, EmailConfig config, Clock clock) {
        this.digests = digests;
        this.repository = repository;
        this.config = config.digests();
        this.clock = clock;
        this.unreachable = config.publicUrl().isEmpty();
    }

    void onStart(@Observes StartupEvent event) {
        if (unreachable && (config.daily().isPresent() || config.weekly().isPresent())) {
            LOG.warn(
                    "digests have no link to end them: set EMAIL_PUBLIC_URL to where mail programs reach email-service");
        }
    }

    @Scheduled(
            every = "{caretaker.email.delivery.tidy-interval}",
            skipExecutionIf = DatabaseGate.Closed.class,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tick() {
        try {
            for (DigestRepository.Batch batch : repository.batches(config.rollUpAfter())) {
                digests.rollUp(batch);
            }
            Instant now = clock.instant();
            tell(Period.DAY, config.daily().orElse(List.of()), now);
            tell(Period.WEEK, config.weekly().orElse(List.of()), now);
        } catch (SQLException | RuntimeException e) {
            LOG.error("digests cannot be written, the next tick tries again", e);
        }
    }

    private void tell(Period period, List<String> addresses, Instant now) throws SQLException {
        Instant end = period.end(now, config.at());
        if (end.equals(told.get(period))) {
            return;
        }
        boolean all = true;
        for (String address : addresses) {
            all &= digests.tell(
                    period, MailAddress.normalised(MailAddress.parse(address).address()), end);
        }
        if (all) {
            told.put(period, end);
        }
    }
}
