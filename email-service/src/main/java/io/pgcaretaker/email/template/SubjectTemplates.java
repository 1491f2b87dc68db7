package io.pgcaretaker.email.template;

import io.pgcaretaker.mail.DatabaseReport;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.mail.RunReport;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;

/** {@code templates/subject}: the subjects, one line each. Checked against the records when this is built. */
@CheckedTemplate(basePath = "subject", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
final class SubjectTemplates {

    static native TemplateInstance welcome(WelcomeMail mail);

    static native TemplateInstance passwordReset(PasswordResetMail mail);

    static native TemplateInstance deletionNotice(DeletionNoticeMail mail);

    static native TemplateInstance alert(AlertMail mail);

    static native TemplateInstance incident(IncidentMail mail);

    static native TemplateInstance alertDigest(DigestMail mail);

    static native TemplateInstance dailyDigest(DigestMail mail);

    static native TemplateInstance weeklyDigest(DigestMail mail);

    static native TemplateInstance runReport(RunReport mail);

    static native TemplateInstance databaseReport(DatabaseReport mail);

    static native TemplateInstance test(TestMail mail);

    private SubjectTemplates() {}
}
