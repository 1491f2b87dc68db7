package io.pgcaretaker.email.template;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.SafeText;
import io.pgcaretaker.email.address.WebOrigin;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.mail.RunReport;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The templates by name. */
@ApplicationScoped
public class Templates {

    private static final int LONGEST_SUBJECT = 200;

    private final Variables variables;

    Templates(ObjectMapper json, EmailConfig config) {
        this.variables = new Variables(json, config.appUrl().flatMap(WebOrigin::of));
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
                        SubjectTemplates.welcome(mail), HtmlTemplates.welcome(mail), TextTemplates.welcome(mail));
            }
            case PASSWORD_RESET -> {
                PasswordResetMail mail = variables.read(given, PasswordResetMail.class);
                yield rendered(
                        SubjectTemplates.passwordReset(mail),
                        HtmlTemplates.passwordReset(mail),
                        TextTemplates.passwordReset(mail));
            }
            case DELETION_NOTICE -> {
                DeletionNoticeMail mail = variables.read(given, DeletionNoticeMail.class);
                yield rendered(
                        SubjectTemplates.deletionNotice(mail),
                        HtmlTemplates.deletionNotice(mail),
                        TextTemplates.deletionNotice(mail));
            }
            case ALERT -> {
                AlertMail mail = variables.read(given, AlertMail.class);
                yield rendered(SubjectTemplates.alert(mail), HtmlTemplates.alert(mail), TextTemplates.alert(mail));
            }
            case INCIDENT -> {
                IncidentMail mail = variables.read(given, IncidentMail.class);
                yield rendered(
                        SubjectTemplates.incident(mail), HtmlTemplates.incident(mail), TextTemplates.incident(mail));
            }
            case RUN_REPORT -> {
                RunReport mail = variables.read(given, RunReport.class);
                yield rendered(
                        SubjectTemplates.runReport(mail), HtmlTemplates.runReport(mail), TextTemplates.runReport(mail));
            }
            case TEST -> {
                TestMail mail = variables.read(given, TestMail.class);
                yield rendered(SubjectTemplates.test(mail), HtmlTemplates.test(mail), TextTemplates.test(mail));
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

    private static Rendered rendered(TemplateInstance subject, TemplateInstance html, TemplateInstance text) {
        return new Rendered(
                SafeText.oneLine(subject.render(), LONGEST_SUBJECT),
                html.render(),
                text.render().strip() + "\n");
    }
}
