package io.pgcaretaker.email.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.email.Api;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.mail.IncidentMail;
import io.pgcaretaker.mail.RunReport;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.restassured.response.Response;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@ServiceTest(MailServer.class)
class TemplatesIT {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    TestDatabase database;

    /** As it comes over the wire: JSON, with what is absent left out. */
    private static Map<String, Object> variables(Object record) {
        Map<String, Object> variables = JSON.convertValue(record, new TypeReference<HashMap<String, Object>>() {});
        variables.values().removeIf(java.util.Objects::isNull);
        return variables;
    }

    private static Rendered render(Kind kind, Object record) {
        return preview(kind, variables(record)).then().statusCode(200).extract().as(Rendered.class);
    }

    private static Response preview(Kind kind, Map<String, ?> variables) {
        return Api.post("/api/email/templates/" + kind.wireName() + "/preview", variables);
    }

    private static void assertRefused(Kind kind, Map<String, ?> variables, String field, String rule) {
        preview(kind, variables)
                .then()
                .statusCode(422)
                .body("errors.field", contains(field))
                .body("errors.rule", contains(rule));
    }

    private static RunReport report(String stopReason) {
        return report(stopReason, null);
    }

    private static RunReport report(String stopReason, Boolean anonymised) {
        return new RunReport(
                "deleted-users",
                "run-1",
                "enforce",
                "completed",
                NOON,
                NOON,
                NOON.plusSeconds(125),
                1234,
                1234,
                List.of(new RunReport.TableRows("users", 34), new RunReport.TableRows("prompts", 1200)),
                stopReason,
                anonymised);
    }

    @Test
    void digestTellsFiguresAndAlertsAndHowToEndIt() {
        DigestMail mail = new DigestMail(
                NOON,
                NOON.plusSeconds(86_400),
                List.of(new DigestMail.Line(NOON, "🔴 Critical: <disk>", "sent")),
                4,
                new DigestMail.Figures(120, 3, 2, 1, 7),
                "https://mail.acme.test/api/email/unsubscribe/t");

        for (Kind kind : List.of(Kind.DAILY_DIGEST, Kind.WEEKLY_DIGEST, Kind.ALERT_DIGEST)) {
            Rendered rendered = render(kind, mail);
            assertThat(rendered.subject()).contains("5 ");
            assertThat(rendered.text())
                    .contains("Mails sent:    120", "- 1 March 2026, 12:00 UTC  🔴 Critical: <disk>", "… and 4 more.")
                    .contains("No more digests: https://mail.acme.test/api/email/unsubscribe/t");
            assertThat(rendered.html())
                    .contains("Critical: &lt;disk&gt;", "viewport", "href=\"https://mail.acme.test/", "120")
                    .doesNotContain("NOT_FOUND");
        }
    }

    @Test
    void quietDigestSaysSo() {
        Rendered rendered =
                render(Kind.DAILY_DIGEST, new DigestMail(NOON, NOON.plusSeconds(86_400), List.of(), 0, null, null));

        assertThat(rendered.subject()).endsWith("no alerts");
        assertThat(rendered.text()).contains("No alerts.").doesNotContain("Mails sent", "No more digests");
    }

    @Test
    void runReportTellsWhatWentFromWhere() {
        Rendered mail = render(Kind.RUN_REPORT, report(null));

        assertThat(mail.subject()).isEqualTo("Clean-up deleted-users: completed, 1234 rows deleted");
        assertThat(mail.text())
                .contains("users: 34", "prompts: 1200", "1 March 2026, 12:00 UTC, took 2 min 5 s")
                .doesNotContain("Stopped early");
        assertThat(mail.html()).contains("prompts", "1200", "viewport").doesNotContain("NOT_FOUND");
    }

    /** Rows that were masked are all still there. */
    @Test
    void rowsThatWereAnonymisedAreNotSaidToBeDeleted() {
        Rendered mail = render(Kind.RUN_REPORT, report(null, true));

        assertThat(mail.subject()).isEqualTo("Clean-up deleted-users: completed, 1234 rows anonymised");
        assertThat(mail.text()).contains("Anonymised:      1234").doesNotContain("Deleted");
        assertThat(mail.html()).contains("Anonymised").doesNotContain("Deleted");
    }

    @Test
    void runThatStoppedEarlySaysWhyInTheSubjectAndFirst() {
        Rendered mail = render(Kind.RUN_REPORT, report("too many rows"));

        assertThat(mail.subject()).startsWith("⚠️ ");
        assertThat(mail.text()).contains("Stopped early: too many rows");
    }

    @Test
    void incidentIsToldOpenedRemindedAndResolved() {
        IncidentMail firing = new IncidentMail(
                "42",
                "connections",
                "critical",
                "firing",
                "85 % of connections are used",
                "85 %",
                "80 %",
                "Look at pool sizes.",
                NOON,
                null,
                null);
        IncidentMail resolved = new IncidentMail(
                "42",
                "connections",
                "critical",
                "resolved",
                "85 % of connections are used",
                "20 %",
                "80 %",
                "-",
                NOON,
                NOON.plusSeconds(60),
                List.of(new IncidentMail.Other("43", "warning", "Queries run longer", "none")));

        assertThat(render(Kind.INCIDENT, firing).subject()).isEqualTo("🔴 Critical: 85 % of connections are used");
        assertThat(render(Kind.INCIDENT, firing).text()).contains("Look first: Look at pool sizes.");
        assertThat(render(Kind.INCIDENT, firing).text()).doesNotContain("At the same time");
        assertThat(render(Kind.INCIDENT, resolved).subject())
                .isEqualTo("✅ Resolved: 85 % of connections are used (and 1 more)");
        assertThat(render(Kind.INCIDENT, resolved).text())
                .contains("At the same time:\n- warning: Queries run longer, none\n  Incident 43");
        assertThat(render(Kind.INCIDENT, resolved).text()).contains("Resolved: 1 March 2026, 12:01 UTC");
    }

    @Test
    void htmlEscapesAndSubjectsStayOneLine() {
        Rendered mail = render(
                Kind.WELCOME,
                Map.of(
                        "name",
                        "<script>\r\nBcc: x\u202E",
                        "loginUrl",
                        "https://app.test/?a=1&b=\"2\"".replace("\"", "%22")));

        assertThat(mail.html()).contains("&lt;script&gt;").doesNotContain("<script>");
        assertThat(mail.subject()).isEqualTo("Welcome, <script> Bcc: x");
        assertThat(mail.text()).contains("https://app.test/?a=1&b=%222%22");
    }

    @Test
    void deletionNoticeNamesTheDayAndTheWayBack() {
        Rendered mail = render(
                Kind.DELETION_NOTICE,
                new DeletionNoticeMail("Ann", NOON, NOON.plusSeconds(86_400 * 30L), "https://app.test/restore"));

        assertThat(mail.subject()).isEqualTo("Your account will be deleted on 31 March 2026, 12:00 UTC");
        assertThat(mail.text()).contains("https://app.test/restore");
    }

    @Test
    void subjectOfAResetHoldsNothingOfTheVariables() {
        Rendered mail = render(Kind.PASSWORD_RESET, new PasswordResetMail("Ann", "https://app.test/r?token=T", NOON));

        assertThat(mail.subject()).isEqualTo("Reset your password");
        assertThat(mail.text()).contains("https://app.test/r?token=T");
        assertThat(mail.toString()).doesNotContain("token");
    }

    @Test
    void missingVariableIsNamedAndOneOfANewerCallerIsIgnored() {
        assertRefused(Kind.WELCOME, Map.of("name", "a"), "loginUrl", "is missing");

        assertThat(render(Kind.TEST, Map.of("message", "hi", "added", 1)).text())
                .contains("hi");
    }

    /** The mail with one of its lists in place of its own. */
    private Map<String, Object> with(Kind kind, String list, List<?> items) {
        Map<String, Object> variables = variables(Samples.of(kind));
        variables.put(list, items);
        return variables;
    }

    @Test
    void whatIsMissingInsideAListIsNamed() {
        List<Map<String, String>> others =
                List.of(Map.of("severity", "warning", "summary", "Queries run longer", "value", "2"));
        List<Map<String, Object>> sections =
                List.of(Map.of("title", "Growth", "lines", List.of(Map.of("detail", "x")), "nothing", "-", "more", 0));
        List<Map<String, Object>> lines = List.of(Map.of("labels", "a=b"));

        assertRefused(Kind.INCIDENT, with(Kind.INCIDENT, "others", others), "others.0.incidentId", "is missing");
        assertRefused(
                Kind.DATABASE_REPORT,
                with(Kind.DATABASE_REPORT, "sections", sections),
                "sections.0.lines.0.what",
                "is missing");
        assertRefused(Kind.ALERT, with(Kind.ALERT, "firing", lines), "firing.0.name", "is missing");
        assertRefused(
                Kind.RUN_REPORT, with(Kind.RUN_REPORT, "tables", List.of("users")), "tables.0", "has the wrong type");
        assertRefused(
                Kind.RUN_REPORT,
                with(Kind.RUN_REPORT, "tables", Collections.singletonList(null)),
                "tables.0",
                "is missing");
    }

    @Test
    void previewRendersAndKeepsNothing() {
        long before = database.queryLong("select count(*) from caretaker.email");

        Api.post(
                        "/api/email/templates/password-reset/preview",
                        Map.of("name", "Ann", "resetUrl", "https://app.test/r", "expiresAt", "2026-03-01T12:00:00Z"))
                .then()
                .statusCode(200)
                .body("subject", is("Reset your password"))
                .body("text", containsString("https://app.test/r"))
                .body("html", containsString("1 March 2026, 12:00 UTC"));
        Api.post("/api/email/templates/welcome/preview", Map.of("name", "Ann"))
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("errors[0].field", is("loginUrl"))
                .body("errors[0].rule", is("is missing"));
        Api.post("/api/email/templates/plain/preview", Map.of()).then().statusCode(404);

        assertThat(database.queryLong("select count(*) from caretaker.email")).isEqualTo(before);
    }

    @Test
    void everyBuiltInTemplateShowsEverythingThereCanBe() {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.PLAIN) {
                Rendered mail = render(kind, Samples.of(kind));
                assertThat(mail.subject() + mail.html() + mail.text()).doesNotContain("NOT_FOUND", "{mail");
            }
        }
    }
}
