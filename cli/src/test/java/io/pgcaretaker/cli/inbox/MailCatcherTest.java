package io.pgcaretaker.cli.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.cli.local.Json;
import io.pgcaretaker.cli.process.Loopback;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailCatcherTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final HttpClient http = HttpClient.newHttpClient();
    private int smtpPort;
    private int httpPort;
    private MailCatcher catcher;

    @BeforeEach
    void startCatcher() throws Exception {
        smtpPort = freePort();
        httpPort = freePort();
        catcher = MailCatcher.start(smtpPort, httpPort, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void stopCatcher() {
        catcher.close();
    }

    @Test
    void aMailToTwoIsOneMailInTheListAndWholeByItsId() throws Exception {
        send("Grüße", "Hello", "<p>Hello</p>");

        JsonNode list = json("/api/messages");
        assertThat(list).hasSize(1);
        assertThat(list.get(0).path("subject").asText()).isEqualTo("Grüße");
        assertThat(list.get(0).path("receivedAt").asText()).isEqualTo("2026-11-22T10:00:00Z");
        assertThat(list.get(0).path("to").toString()).isEqualTo("[\"a@example.com\",\"b@example.com\"]");

        JsonNode mail = json("/api/messages/" + list.get(0).path("id").asText());
        assertThat(mail.path("text").asText().strip()).isEqualTo("Hello");
        assertThat(mail.path("html").asText().strip()).isEqualTo("<p>Hello</p>");
        assertThat(mail.path("headers").path("X-Test").toString()).isEqualTo("[\"1\"]");
    }

    @Test
    void whatAMailSaysIsShownAndNotRun() throws Exception {
        send("<script>alert(1)</script>", "text", "<script>alert(2)</script>");
        String id = json("/api/messages").get(0).path("id").asText();

        assertThat(get("/").body()).contains("&lt;script&gt;").doesNotContain("<script>");
        assertThat(get("/messages/" + id).body()).doesNotContain("<script>").contains("<iframe sandbox");
        assertThat(get("/messages/" + id + "/html")
                        .headers()
                        .firstValue("Content-Security-Policy")
                        .orElseThrow())
                .startsWith("sandbox; default-src 'none'");
    }

    @Test
    void aPageThatCallsItselfThisMachineIsRefused() throws Exception {
        try (Socket socket = new Socket(Loopback.V4, httpPort)) {
            socket.getOutputStream()
                    .write("GET /api/messages HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void anUnknownMailIsNotFound() throws Exception {
        assertThat(get("/api/messages/x").statusCode()).isEqualTo(404);
        assertThat(get("/nowhere").statusCode()).isEqualTo(404);
    }

    @Test
    void theOldestMakeRoom() {
        Inbox inbox = new Inbox(3, 100);
        for (int i = 1; i <= 5; i++) {
            inbox.add(mail("m" + i, 40));
        }

        assertThat(inbox.all()).extracting(Mail::id).containsExactly("m5", "m4");
    }

    private static Mail mail(String id, long size) {
        return new Mail(id, NOW, "a@b", List.of("c@d"), "s", size, Map.of(), "t", null);
    }

    private void send(String subject, String text, String html) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.host", "127.0.0.1");
        properties.setProperty("mail.smtp.port", String.valueOf(smtpPort));
        MimeMessage message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress("caretaker@example.com"));
        message.setRecipients(Message.RecipientType.TO, "a@example.com");
        message.setRecipients(Message.RecipientType.BCC, "b@example.com");
        message.setSubject(subject, "UTF-8");
        message.setHeader("X-Test", "1");
        MimeBodyPart plain = new MimeBodyPart();
        plain.setText(text, "UTF-8");
        MimeBodyPart rich = new MimeBodyPart();
        rich.setContent(html, "text/html; charset=UTF-8");
        message.setContent(new MimeMultipart("alternative", plain, rich));
        Transport.send(message);
    }

    private JsonNode json(String path) throws Exception {
        return Json.MAPPER.readTree(get(path).body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + httpPort + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, Loopback.V4)) {
            return socket.getLocalPort();
        }
    }
}
