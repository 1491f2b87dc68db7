package io.pgcaretaker.email.template;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.email.address.WebOrigin;
import io.pgcaretaker.mail.DatabaseReport;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.mail.RunReport;
import io.pgcaretaker.startup.WrongSetting;
import io.quarkus.qute.Engine;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The templates by name. */
@ApplicationScoped
public class Templates {

    private static final Logger LOG = Logger.getLogger(Templates.class);

    private static final int LONGEST_SUBJECT = 200;

    private final Variables variables;
    private final MountedTemplates mounted;

    Templates(ObjectMapper json, EmailConfig config, Engine engine) {
        this.mounted = mounted(config, engine);
        this.variables = new Variables(json, config.appUrl().flatMap(WebOrigin::of));
    }

    private static MountedTemplates mounted(EmailConfig config, Engine engine) {
        if (config.templatesDirectory().isEmpty()) {
            return MountedTemplates.none();
        }
        try {
            return MountedTemplates.of(Path.of(config.templatesDirectory().get()), engine);
        } catch (IllegalArgumentException e) {
            throw WrongSetting.because(new IllegalArgumentException("EMAIL_TEMPLATES: " + e.getMessage(), e));
        }
    }

    /** Looks at mounted templates when the service starts, not at the first mail. */
    void onStart(@Observes StartupEvent event) {
        LOG.debugf("templates are ready mounted=%s", mounted.names());
    }

    /**
     * Renders all parts.
     *
     * @throws WrongVariablesException when the variables are not the template's
     */
    public Rendered render(Kind kind, Map<String, Object> given) {
        return switch (kind) {
            case WELCOME -> {
                WelcomeMail mail = variables.read(given, WelcomeMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.welcome(mail),
                        HtmlTemplates.welcome(mail),
                        TextTemplates.welcome(mail));
            }
            case PASSWORD_RESET -> {
                PasswordResetMail mail = variables.read(given, PasswordResetMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.passwordReset(mail),
                        HtmlTemplates.passwordReset(mail),
                        TextTemplates.passwordReset(mail));
            }
            case DELETION_NOTICE -> {
                DeletionNoticeMail mail = variables.read(given, DeletionNoticeMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.deletionNotice(mail),
                        HtmlTemplates.deletionNotice(mail),
                        TextTemplates.deletionNotice(mail));
            }
            case ALERT -> {
                AlertMail mail = variables.read(given, AlertMail.class);
                yield rendered(
                        kind, mail, SubjectTemplates.alert(mail), HtmlTemplates.alert(mail), TextTemplates.alert(mail));
            }
            case INCIDENT -> {
                IncidentMail mail = variables.read(given, IncidentMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.incident(mail),
                        HtmlTemplates.incident(mail),
                        TextTemplates.incident(mail));
            }
            case ALERT_DIGEST -> {
                DigestMail mail = variables.read(given, DigestMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.alertDigest(mail),
                        HtmlTemplates.alertDigest(mail),
                        TextTemplates.alertDigest(mail));
            }
            case DAILY_DIGEST -> {
                DigestMail mail = variables.read(given, DigestMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.dailyDigest(mail),
                        HtmlTemplates.dailyDigest(mail),
                        TextTemplates.dailyDigest(mail));
            }
            case WEEKLY_DIGEST -> {
                DigestMail mail = variables.read(given, DigestMail.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.weeklyDigest(mail),
                        HtmlTemplates.weeklyDigest(mail),
                        TextTemplates.weeklyDigest(mail));
            }
            case RUN_REPORT -> {
                RunReport mail = variables.read(given, RunReport.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.runReport(mail),
                        HtmlTemplates.runReport(mail),
                        TextTemplates.runReport(mail));
            }
            case DATABASE_REPORT -> {
                DatabaseReport mail = variables.read(given, DatabaseReport.class);
                yield rendered(
                        kind,
                        mail,
                        SubjectTemplates.databaseReport(mail),
                        HtmlTemplates.databaseReport(mail),
                        TextTemplates.databaseReport(mail));
            }
            case TEST -> {
                TestMail mail = variables.read(given, TestMail.class);
                yield rendered(
                        kind, mail, SubjectTemplates.test(mail), HtmlTemplates.test(mail), TextTemplates.test(mail));
            }
            case PLAIN -> throw new IllegalArgumentException("a plain mail has no template");
        };
    }

    /** When what the mail offers ends, if it does. */
    public Optional<Instant> endsAt(Kind kind, Map<String, Object> given) {
        return kind == Kind.PASSWORD_RESET
                ? Optional.of(variables.read(given, PasswordResetMail.class).expiresAt())
                : Optional.empty();
    }

    private Rendered rendered(
            Kind kind, Object mail, TemplateInstance subject, TemplateInstance html, TemplateInstance text) {
        String line = mounted.orBuiltIn("subject", kind, mail, subject).render();
        return new Rendered(
                SafeText.oneLine(line, LONGEST_SUBJECT),
                mounted.orBuiltIn("html", kind, mail, html).render(),
                mounted.orBuiltIn("text", kind, mail, text).render().strip() + "\n");
    }
}
