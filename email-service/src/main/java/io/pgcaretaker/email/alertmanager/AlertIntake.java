package io.pgcaretaker.email.alertmanager;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.email.delivery.DeliveryMetrics;
import io.pgcaretaker.email.delivery.WakeUp;
import io.pgcaretaker.email.intake.AcceptOutcome;
import io.pgcaretaker.email.intake.EmailRequest;
import io.pgcaretaker.email.intake.Envelope;
import io.pgcaretaker.email.intake.Intake;
import io.pgcaretaker.email.intake.Outage;
import io.pgcaretaker.email.intake.TemplateCall;
import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Commits a group's mails, one for each human, so that none of them waits for another's mailbox. */
@ApplicationScoped
class AlertIntake {

    private static final Logger LOG = Logger.getLogger(AlertIntake.class);
    private static final String ENDPOINT = "/api/email/alertmanager";
    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final Intake intake;
    private final Receivers receivers;
    private final EmailConfig config;
    private final ObjectMapper json;
    private final WakeUp wakeUp;
    private final DeliveryMetrics metrics;

    AlertIntake(Intake intake, EmailConfig config, ObjectMapper json, WakeUp wakeUp, DeliveryMetrics metrics) {
        this.intake = intake;
        this.receivers = new Receivers(config.alertmanager());
        this.config = config;
        this.json = json;
        this.wakeUp = wakeUp;
        this.metrics = metrics;
    }

    /**
     * Comes back after the commit.
     *
     * @throws ProblemException 503 when it cannot be kept now, so that Alertmanager repeats it
     */
    List<UUID> take(Notification post, String caller) {
        List<MailAddress> recipients = receivers.of(post.receiver());
        if (recipients.isEmpty()) {
            LOG.errorf(
                    "an alert has no recipient; set caretaker.email.alertmanager.recipients, or receivers.\"%s\"",
                    SafeText.oneLine(post.receiver(), 100));
            throw later("nobody is configured to be written to for this receiver");
        }
        AcceptOutcome outcome = accept(post, caller, recipients);
        if (!(outcome instanceof AcceptOutcome.Accepted accepted)) {
            throw later("the same post is being taken right now");
        }
        if (!accepted.repeated()) {
            metrics.accepted(accepted.ids().size());
            wakeUp.signal();
        }
        return accepted.ids();
    }

    private AcceptOutcome accept(Notification post, String caller, List<MailAddress> recipients) {
        Map<String, Object> variables = json.convertValue(AlertMails.of(post), VARIABLES);
        TemplateCall template = new TemplateCall(Kind.ALERT, variables);
        String root = Repetition.threadRoot(post, intake.defaultFrom().domain());
        EmailRequest.Content content =
                new EmailRequest.Content(null, null, null, Map.of("References", root, "In-Reply-To", root));
        List<EmailRequest> mails = recipients.stream()
                .map(recipient ->
                        new EmailRequest(Envelope.to(recipient), content, template, List.of(), List.of(), null))
                .toList();
        String key = Repetition.key(post);
        Intake.Caller from = new Intake.Caller(
                caller,
                ENDPOINT,
                key,
                Repetition.request(key),
                Repetition.window(post, config.alertmanager().repeatWindow(), config.idempotencyRetention()));
        try {
            return intake.accept(from, mails);
        } catch (SQLException e) {
            if (!Outage.is(e)) {
                throw new IllegalStateException("an alert cannot be written", e);
            }
            LOG.warnf("an alert cannot be taken now, Alertmanager is told to repeat it sqlState=%s", e.getSQLState());
            throw later("the database does not take mail at the moment");
        }
    }

    private static ProblemException later(String why) {
        return new ProblemException(Problem.of(503, "Not now", why + "; post it again"));
    }
}
