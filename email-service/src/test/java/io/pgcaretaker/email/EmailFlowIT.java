package io.pgcaretaker.email;

import static io.pgcaretaker.email.Api.get;
import static io.pgcaretaker.email.Api.plain;
import static io.pgcaretaker.email.Api.post;
import static io.pgcaretaker.email.Api.send;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import com.icegreen.greenmail.util.GreenMail;
import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestKeys;
import jakarta.mail.Multipart;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

@ServiceTest(MailServer.class)
class EmailFlowIT {

    GreenMail mailServer;

    @Test
    void acceptedMailArrivesAndShowsAsSent() throws Exception {
        String id = given().header("Authorization", "Bearer " + TestKeys.SENDER)
                .contentType("application/json")
                .body(Map.of(
                        "from", "Acme <a@acme.test>", "to", "flow@x.test", "subject", "Hi 🎉", "text", "Hello\n.dot"))
                .post("/emails")
                .then()
                .statusCode(200)
                .extract()
                .path("id");

        await().untilAsserted(() -> assertThat((String) given().header("Authorization", "Bearer " + TestKeys.SENDER)
                        .get("/emails/" + id)
                        .path("last_event"))
                .isEqualTo("sent"));
        var mail = Arrays.stream(mailServer.getReceivedMessages())
                .filter(message -> contains(message, id))
                .findFirst()
                .orElseThrow();
        assertThat(mail.getSubject()).isEqualTo("Hi 🎉");
    }

    @Test
    void tenMegabytesArriveByteForByteAndOneMoreIsRefused() throws Exception {
        byte[] content = new byte[10 * 1024 * 1024];
        new Random(1).nextBytes(content);
        String id = send(withFile("large@x.test", content));
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> get(id).then().body("recipients[0].state", is("sent")));

        var mail = Arrays.stream(mailServer.getReceivedMessages())
                .filter(message -> contains(message, id))
                .findFirst()
                .orElseThrow();
        assertThat(Arrays.equals(file((Multipart) mail.getContent()), content)).isTrue();
        post("/emails", withFile("large@x.test", new byte[10 * 1024 * 1024 + 1]))
                .then()
                .statusCode(422)
                .body("name", is("invalid_attachment"));
    }

    private static Map<String, Object> withFile(String to, byte[] content) {
        Map<String, Object> mail = new HashMap<>(plain(to));
        mail.put(
                "attachments",
                List.of(Map.of(
                        "filename", "a.bin", "content", Base64.getEncoder().encodeToString(content))));
        return mail;
    }

    private static byte[] file(Multipart parts) throws Exception {
        for (int i = 0; i < parts.getCount(); i++) {
            if ("a.bin".equals(parts.getBodyPart(i).getFileName())) {
                return parts.getBodyPart(i).getInputStream().readAllBytes();
            }
        }
        throw new AssertionError("no such file among " + parts.getCount() + " parts");
    }

    private static boolean contains(jakarta.mail.internet.MimeMessage message, String id) {
        try {
            return message.getMessageID().contains(id);
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
