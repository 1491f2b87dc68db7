package io.pgcaretaker.email;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestKeys;
import java.util.Arrays;
import java.util.Map;
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

    private static boolean contains(jakarta.mail.internet.MimeMessage message, String id) {
        try {
            return message.getMessageID().contains(id);
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
