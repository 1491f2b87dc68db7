package io.pgcaretaker.email.digest;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.delivery.DeliveryMetrics;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.intake.AcceptOutcome;
import io.pgcaretaker.email.intake.EmailRequest;
import io.pgcaretaker.email.intake.Envelope;
import io.pgcaretaker.email.intake.Intake;
import io.pgcaretaker.email.intake.TemplateCall;
import io.pgcaretaker.email.secret.KeyRepository;
import io.pgcaretaker.email.template.DigestMail;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes digests and hands them in as everybody does, each with a key: any number of replicas makes one mail of it. */
@ApplicationScoped
class Digests {

    private static final Logger LOG = Logger.getLogger(Digests.class);
    private static final String CALLER = "email-service";
    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final DigestRepository repository;
    private final SubscriptionRepository subscriptions;
    private final KeyRepository keys;
    private final Intake intake;
    private final ObjectMapper json;
    private final WakeUp wakeUp;
    private final DeliveryMetrics metrics;
    private final Duration remember;
    private final Optional<String> publicUrl;

    Digests(
            DigestRepository repository,
            SubscriptionRepository subscriptions,
            KeyRepository keys,
            Intake intake,
            EmailConfig config,
            ObjectMapper json,
            WakeUp wakeUp,
            DeliveryMetrics metrics) {
        this.repository = repository;
        this.subscriptions = subscriptions;
        this.keys = keys;
        this.intake = intake;
        this.json = json;
        this.wakeUp = wakeUp;
        this.metrics = metrics;
        this.remember = config.idempotencyRetention();
        this.publicUrl = config.publicUrl();
    }

    /** What was over a budget: handed in first, forgotten then; a crash between the two repeats the same key. */
    void rollUp(DigestRepository.Batch batch) throws SQLException {
        DigestRepository.Alerts alerts = repository.of(batch);
        boolean handedIn = true;
        if (!alerts.lines().isEmpty()) {
            List<DigestMail.Line> lines = alerts.lines();
            handedIn = send(
                    Kind.ALERT_DIGEST,
                    batch.address(),
                    batch.id().toString(),
                    lines.get(0).at(),
                    lines.get(lines.size() - 1).at(),
                    alerts,
                    null);
        }
        if (handedIn) {
            repository.forget(batch);
        }
    }

    /** What a day or a week came to, unless this human wants no digests. Returns false when it has to be tried again. */
    boolean tell(Period period, String address, Instant end) throws SQLException {
        if (!subscriptions.of(address).wanted()) {
            return true;
        }
        Instant begin = period.begin(end);
        return send(
                period.kind(),
                address,
                address + " " + end,
                begin,
                end,
                repository.of(address, begin, end),
                figures(begin, end));
    }

    private DigestMail.@Nullable Figures figures(Instant begin, Instant end) {
        try {
            return repository.figures(begin, end);
        } catch (SQLException e) {
            LOG.warnf("a digest goes without figures, they cannot be counted cause=%s", e.getMessage());
            return null;
        }
    }

    /** Returns false when another replica is at it right now: it may still fail. */
    private boolean send(
            Kind kind,
            String address,
            String key,
            Instant from,
            Instant to,
            DigestRepository.Alerts alerts,
            DigestMail.@Nullable Figures figures)
            throws SQLException {
        String link = link(address);
        DigestMail mail = new DigestMail(from, to, alerts.lines(), alerts.more(), figures, link);
        EmailRequest.Content content = new EmailRequest.Content(null, null, null, headers(link));
        EmailRequest request = new EmailRequest(
                Envelope.to(MailAddress.parse(address)),
                content,
                new TemplateCall(kind, json.convertValue(mail, VARIABLES)),
                List.of(),
                List.of(),
                null);
        // The key says it all: what is counted may differ from one replica's moment to another's.
        Intake.Caller caller = new Intake.Caller(CALLER, kind.wireName(), key, TextNode.valueOf(key), remember);
        AcceptOutcome outcome = intake.accept(caller, List.of(request));
        if (!(outcome instanceof AcceptOutcome.Accepted accepted)) {
            return false;
        }
        if (!accepted.repeated()) {
            metrics.accepted(1);
            wakeUp.signal();
            LOG.infof(
                    "digest handed in kind=%s alerts=%d",
                    kind.wireName(), alerts.lines().size() + alerts.more());
        }
        return true;
    }

    private @Nullable String link(String address) throws SQLException {
        if (publicUrl.isEmpty()) {
            return null;
        }
        SubscriptionRepository.Subscriber subscriber = subscriptions.of(address);
        return publicUrl.get().replaceAll("/+$", "")
                + "/api/email/unsubscribe/"
                + Subscription.token(subscriber.id(), keys.key());
    }

    /** RFC 8058; DKIM has to cover both, which the signer does. */
    private static Map<String, String> headers(@Nullable String link) {
        return link == null
                ? Map.of()
                : Map.of("List-Unsubscribe", "<" + link + ">", "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
}
