package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import io.pgcaretaker.testing.TestKeys;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must not pass the door: each input gets a 4xx, and nothing of it is kept. */
@ServiceTest(MailServer.class)
class HostileInputIT {

    private static final List<String> BREAKS =
            List.of("\r\n", "\n", "\r", "\u0000", "\u2028", "\u0085", "\u202E", "\u2066", "\u0007", "\ud83d");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<Object> WRONG_TYPES =
            List.of(1, 1.5, true, Map.of("a", 1), List.of(1), List.of(List.of()));

    TestDatabase database;

    PackagedService service;

    @Test
    void hostileInputIsRefusedAndLeavesNothingBehind() throws Exception {
        List<String> bodies = inputs().stream().map(HostileInputIT::json).toList();

        assertThat(bodies).hasSizeGreaterThan(200);
        refuseAll(bodies);
    }

    /** Ten thousand of them, made from a seed: breaks, wrong types and wrong JSON at random places. */
    @Test
    void tenThousandHostileInputsAreRefusedAndLeaveNothingBehind() throws Exception {
        Random random = new Random(20_26);

        refuseAll(Stream.generate(() -> HostileMails.any(random)).limit(10_000).toList());
    }

    /** Each gets an error of Resend's, and none leaves a row. */
    private void refuseAll(List<String> bodies) throws InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Semaphore inFlight = new Semaphore(16);
        List<String> faults = new CopyOnWriteArrayList<>();
        List<CompletableFuture<?>> calls = new ArrayList<>();
        String kept = "select (select count(*) from caretaker.email) + (select count(*) from caretaker.email_recipient)"
                + " + (select count(*) from caretaker.email_idempotency)"
                + " + (select count(*) from caretaker.email_attachment)";
        long before = database.queryLong(kept);
        for (String body : bodies) {
            HttpRequest request = HttpRequest.newBuilder(service.base().resolve("/emails"))
                    .header("Authorization", "Bearer " + TestKeys.SENDER)
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "hostile-" + calls.size())
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            inFlight.acquire();
            calls.add(http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                    .whenComplete((answer, failure) -> {
                        inFlight.release();
                        if (failure != null || !isRefusal(answer)) {
                            String what = failure == null ? answer.statusCode() + " " + answer.body() : "" + failure;
                            faults.add(what + " for " + body.substring(0, Math.min(200, body.length())));
                        }
                    }));
        }
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();

        assertThat(faults).isEmpty();
        assertThat(database.queryLong(kept)).isEqualTo(before);
    }

    private static boolean isRefusal(HttpResponse<String> answer) {
        return answer.statusCode() >= 400 && answer.statusCode() < 500 && isResendsError(answer.body());
    }

    /** Read by Jackson: REST-assured's own paths are compiled each time. */
    private static boolean isResendsError(String answer) {
        try {
            JsonNode error = JSON.readTree(answer);
            return error.hasNonNull("statusCode") && error.hasNonNull("name");
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /** Texts go as they are: some are no JSON. */
    private static String json(Object input) {
        try {
            return input instanceof String text ? text : HostileMails.JSON.writeValueAsString(input);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Object> inputs() {
        List<Object> inputs = new ArrayList<>();
        for (String evil : BREAKS) {
            for (String field : List.of("subject", "from", "to", "cc", "bcc", "reply_to")) {
                inputs.add(with(field, "x" + evil + "Bcc: e@evil.test"));
                inputs.add(with(field, "Name" + evil + " <a@x.test>"));
            }
            for (String field : List.of("to", "cc", "bcc", "reply_to")) {
                inputs.add(with(field, List.of("ok@x.test", "a" + evil + "@x.test")));
            }
            inputs.add(with("headers", Map.of("X-A", "v" + evil + "Bcc: e@evil.test")));
            inputs.add(with("headers", Map.of("X-A" + evil, "v")));
            inputs.add(with("tags", List.of(Map.of("name", "a" + evil, "value", "b"))));
            inputs.add(with("scheduled_at", "2030-01-01T00:00:00Z" + evil));
            inputs.add(with("attachments", List.of(Map.of("filename", "a" + evil, "content", "YQ=="))));
        }
        for (String field : List.of(
                "from",
                "subject",
                "html",
                "to",
                "cc",
                "headers",
                "tags",
                "attachments",
                "template",
                "scheduled_at",
                "reply_to")) {
            for (Object wrong : WRONG_TYPES) {
                if (!(field.equals("headers") && wrong instanceof Map)) {
                    inputs.add(with(field, wrong));
                }
            }
        }
        inputs.add(with("headers", Map.of("a", 1)));
        for (String address : List.of(
                "",
                " ",
                "a",
                "@",
                "a@",
                "@x.test",
                "a@@x.test",
                "a b@x.test",
                "a@x..test",
                "a@-x.test",
                "a@x.test,b@x.test",
                "a@x.test;b@x.test",
                "<a@x.test",
                "a@x.test>",
                "a@[127.0.0.1]",
                "\"a\"@x.test",
                "ü@x.test",
                "a@" + "x".repeat(64) + ".test",
                "a".repeat(65) + "@x.test",
                ".a@x.test",
                "a.@x.test",
                "a@x.test\\",
                "A <B <a@x.test>>",
                "N".repeat(700) + " <a@x.test>",
                "a@x_y.test")) {
            inputs.add(with("to", address));
            inputs.add(with("from", address));
        }
        for (String header : List.of(
                "From",
                "to",
                "BCC",
                "Sender",
                "Return-Path",
                "Received",
                "DKIM-Signature",
                "Content-Type",
                "Content-Transfer-Encoding",
                "MIME-Version",
                "Message-ID",
                "Date",
                "Auto-Submitted",
                "Subject",
                "Reply-To",
                "a b",
                "a:b",
                "",
                "ü",
                "x".repeat(200))) {
            inputs.add(with("headers", Map.of(header, "v")));
        }
        inputs.add(with("subject", "s".repeat(2_000)));
        inputs.add(with("html", "x".repeat(2_000_000)));
        inputs.add(with(
                "to", IntStream.range(0, 51).mapToObj(i -> "a" + i + "@x.test").toList()));
        inputs.add(with("to", List.of()));
        inputs.add(with("tags", Collections.nCopies(100, Map.of("name", "a", "value", "b"))));
        inputs.add(with("attachments", List.of(Map.of("filename", "a", "path", "http://169.254.169.254/"))));
        inputs.add(with("attachments", List.of(Map.of("filename", "a", "content", "not base64!"))));
        inputs.add(with(
                "attachments",
                List.of(Map.of("filename", "a", "content", "YQ==", "content_type", "text/html\r\nX: y"))));
        inputs.add(with("attachments", List.of(Map.of("filename", "a", "content", "YQ==", "content_id", "<x>"))));
        inputs.add(with("attachments", List.of(Map.of("content", "YQ=="))));
        for (String time : List.of(
                "tomorrow", "in 99999999 days", "2030", "-1", "in 1 year", "2999-01-01T00:00:00Z", "in -1 hours")) {
            inputs.add(with("scheduled_at", time));
        }
        for (Object template : List.of(
                Map.of("id", "nope"),
                Map.of("id", "../welcome"),
                Map.of(),
                Map.of("id", "welcome"),
                Map.of("id", "welcome", "variables", List.of()),
                Map.of("id", "welcome", "variables", Map.of("name", "a", "loginUrl", "javascript:alert(1)")),
                Map.of("id", "welcome", "variables", Map.of("name", "a", "loginUrl", "https://u:p@x.test/")),
                Map.of("id", "welcome", "variables", Map.of("name", Map.of(), "loginUrl", "https://x.test/")),
                Map.of("id", "run-report", "variables", Map.of("rowsDeleted", "many")))) {
            inputs.add(Map.of("to", "a@x.test", "template", template));
        }
        inputs.add(List.of());
        inputs.add(
                "{\"from\":\"a@acme.test\",\"to\":\"b@x.test\",\"to\":\"c@x.test\",\"subject\":\"s\",\"text\":\"x\"}");
        inputs.add(
                "{\"to\":\"b@x.test\",\"template\":{\"id\":\"test\",\"variables\":{\"message\":\"x\",\"message\":\"y\"}}}");
        inputs.add("\"text\"");
        inputs.add("null");
        inputs.add("{");
        inputs.add("");
        inputs.add("[".repeat(5_000));
        return inputs;
    }

    private static Map<String, Object> with(String field, Object value) {
        Map<String, Object> email = new HashMap<>();
        email.put("from", "a@acme.test");
        email.put("to", "b@x.test");
        email.put("subject", "hostile");
        email.put("text", "x");
        email.put(field, value);
        return email;
    }
}
