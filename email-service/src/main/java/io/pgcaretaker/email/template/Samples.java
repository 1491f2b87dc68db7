package io.pgcaretaker.email.template;

import io.pgcaretaker.email.Kind;
import io.pgcaretaker.mail.DatabaseReport;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.mail.RunReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One mail of each kind with everything in it that there can be: what a template must be able to show. */
final class Samples {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant LATER = NOON.plus(Duration.ofMinutes(5));
    private static final String LINK = "https://app.example.com/";

    private Samples() {}

    static Object of(Kind kind) {
        return switch (kind) {
            case WELCOME -> new WelcomeMail("Ann", LINK);
            case PASSWORD_RESET -> new PasswordResetMail("Ann", LINK, LATER);
            case DELETION_NOTICE -> new DeletionNoticeMail("Ann", NOON, LATER, LINK);
            case ALERT -> alert();
            case INCIDENT ->
                new IncidentMail(
                        "1",
                        "connections",
                        "critical",
                        "resolved",
                        "85 % of connections are used",
                        "85 %",
                        "80 %",
                        "Look at pool sizes.",
                        NOON,
                        LATER,
                        List.of(new IncidentMail.Other("2", "warning", "Queries run longer", "2")));
            case ALERT_DIGEST, DAILY_DIGEST, WEEKLY_DIGEST ->
                new DigestMail(
                        NOON,
                        LATER,
                        List.of(new DigestMail.Line(NOON, "Disk is full", "sent")),
                        1,
                        new DigestMail.Figures(1, 1, 1, 1, 1),
                        LINK);
            case RUN_REPORT ->
                new RunReport(
                        "soft-deleted-users",
                        "run-1",
                        "enforce",
                        "completed",
                        NOON,
                        NOON,
                        LATER,
                        1,
                        1,
                        List.of(new RunReport.TableRows("users", 1)),
                        "stopped",
                        true);
            case DATABASE_REPORT ->
                new DatabaseReport(
                        "weekly",
                        NOON,
                        LATER,
                        "1 incident",
                        List.of(
                                new DatabaseReport.Section(
                                        "Incidents",
                                        List.of(new DatabaseReport.Line("Queries run longer", "resolved")),
                                        "None.",
                                        1),
                                new DatabaseReport.Section("Growth", List.of(), "Nothing grew.", 0)));
            case TEST -> new TestMail("It works");
            case PLAIN -> throw new IllegalArgumentException("a plain mail has no template");
        };
    }

    private static AlertMail alert() {
        AlertMail.Line line =
                new AlertMail.Line("DiskFull", "Disk is full", "Grows", "instance=db-1", NOON, LATER, LINK);
        return new AlertMail("DiskFull", "team", "critical", 1, 1, List.of(line), List.of(line), 1, LINK);
    }
}
