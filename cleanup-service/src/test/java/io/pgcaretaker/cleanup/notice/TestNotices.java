package io.pgcaretaker.cleanup.notice;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.preflight.Preflight;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailReceipt;
import io.pgcaretaker.outbox.MailReceipts;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Deletion notices as the service gives them, and an email-service that does as it is told. */
public final class TestNotices implements MailGateway, MailReceipts {

    private static final String LINKS = "https://app.example.com/api/cleanup/restore/";

    public final Preflight preflight;
    public final List<MailIntent> handedOver = new CopyOnWriteArrayList<>();
    private final Map<String, String> ids = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Object>> contents = new ConcurrentHashMap<>();
    private final Notices notices;

    /** What it makes of each mail; a conflict of contents is told all the same. */
    volatile Outcome answer = new Outcome.Accepted("");

    volatile MailReceipt receipt = new MailReceipt(MailReceipt.State.PENDING, "queued");

    /** What its clock says. */
    final AtomicLong nanos = new AtomicLong();

    /** What happens while it has one. */
    volatile Runnable meanwhile = () -> {};

    public TestNotices(TestWorker worker) {
        this(worker, Clock.systemUTC());
    }

    TestNotices(TestWorker worker, Clock clock) {
        preflight = worker.preflight();
        CleanupMetrics metrics = new CleanupMetrics(new SimpleMeterRegistry());
        notices = new Notices(
                worker.policies,
                preflight,
                worker.transactions,
                new NoticeOpening(
                        worker.policies,
                        worker.transactions,
                        new Census(worker.transactions),
                        metrics,
                        worker.settings(),
                        clock),
                new NoticeDelivery(
                        worker.transactions, this, this, new LinkKey(worker.transactions, nanos::get), LINKS),
                metrics);
    }

    public void tick() {
        notices.tick(() -> false);
    }

    /** As of a service that is told to stop amid its round. */
    void tickAndStop() {
        notices.tick(() -> true);
    }

    @Override
    public Outcome handOver(MailIntent intent) {
        handedOver.add(intent);
        meanwhile.run();
        if (!(answer instanceof Outcome.Accepted)) {
            return answer;
        }
        Map<String, Object> before = contents.putIfAbsent(intent.key(), intent.variables());
        if (before != null && !before.equals(intent.variables())) {
            return new Outcome.Rejected(409, "another mail", Fault.ANOTHER_MAIL);
        }
        return new Outcome.Accepted(
                ids.computeIfAbsent(intent.key(), key -> UUID.randomUUID().toString()));
    }

    @Override
    public MailReceipt look(String emailId) {
        return receipt;
    }

    /** Mails that were taken, each once. */
    public int taken() {
        return ids.size();
    }

    public static String token(MailIntent mail) {
        return mail.variables().get("restoreUrl").toString().substring(LINKS.length());
    }
}
