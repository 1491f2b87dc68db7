package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.intake.Attachment;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The faults of the reference, each against a server that commits it. */
class SmtpTransportTest {

    private static final EhloName NAME = new EhloName(Optional.of("mail.example.com"));

    private static ScheduledExecutorService clock;

    private ScriptedSmtp server;
    private SmtpTransport transport;

    @BeforeAll
    static void startClock() {
        clock = Executors.newSingleThreadScheduledExecutor();
    }

    @AfterAll
    static void stopClock() {
        clock.shutdownNow();
    }

    @BeforeEach
    void start() {
        server = new ScriptedSmtp();
        transport = new SmtpTransport(
                SmtpSettings.parse("smtp://127.0.0.1:" + server.port()),
                NAME,
                new DkimSigners(Map.of()),
                Duration.ofSeconds(2),
                clock);
    }

    @AfterEach
    void stop() {
        transport.close();
        server.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("silent banner", Step.BANNER, Action.SILENCE, "transport_fault", Stage.CONNECT),
                fault("dropped before the banner", Step.BANNER, Action.DROP, "transport_fault", Stage.CONNECT),
                fault("421 as banner", Step.BANNER, say("421 4.3.2 closing"), "transport_fault", Stage.CONNECT),
                fault("554 as banner", Step.BANNER, say("554 no"), "transport_fault", Stage.CONNECT),
                fault("silent at EHLO", Step.EHLO, Action.SILENCE, "transport_fault", Stage.EHLO),
                fault("421 at MAIL", Step.MAIL, say("421 4.7.0 too busy"), "transport_fault", Stage.MAIL),
                fault("login asked for at MAIL", Step.MAIL, say("530 5.7.0 login"), "transport_fault", Stage.MAIL),
                fault("451 at MAIL", Step.MAIL, say("451 4.3.0 later"), "deferred", Stage.MAIL),
                fault("550 at MAIL", Step.MAIL, say("550 5.7.1 not you"), "failed", Stage.MAIL),
                fault("greylisting", Step.RCPT, say("451 4.7.1 greylisted"), "deferred", Stage.RCPT),
                fault("unknown recipient", Step.RCPT, say("550 5.1.1 no such user"), "failed", Stage.RCPT),
                fault("policy at RCPT", Step.RCPT, say("550 5.7.1 blocked"), "failed", Stage.RCPT),
                fault("421 at RCPT", Step.RCPT, say("421 4.7.0 slow down"), "transport_fault", Stage.RCPT),
                fault("silent at RCPT", Step.RCPT, Action.SILENCE, "deferred", Stage.RCPT),
                fault("dropped at RCPT", Step.RCPT, Action.DROP, "deferred", Stage.RCPT),
                fault("451 at DATA", Step.DATA, say("451 4.3.0 later"), "deferred", Stage.DATA),
                fault("554 at DATA", Step.DATA, say("554 5.5.1 no"), "failed", Stage.DATA),
                fault("dropped at DATA", Step.DATA, Action.DROP, "deferred", Stage.DATA),
                fault("452 after the dot", Step.END, say("452 4.3.1 full"), "deferred", Stage.END_OF_DATA),
                fault("554 after the dot", Step.END, say("554 5.7.1 spam"), "failed", Stage.END_OF_DATA),
                fault("421 after the dot", Step.END, say("421 4.3.0 off"), "transport_fault", Stage.END_OF_DATA),
                fault("silent after the dot", Step.END, Action.SILENCE, "unknown", Stage.END_OF_DATA),
                fault("dropped after the dot", Step.END, Action.DROP, "unknown", Stage.END_OF_DATA),
                fault("no SMTP at all", Step.RCPT, say("HTTP/1.1 400 Bad Request"), "deferred", Stage.RCPT));
    }

    private static Arguments fault(String name, Step step, Action action, String outcome, Stage stage) {
        return Arguments.of(name, step, action, outcome, stage);
    }

    private static Action say(String line) {
        return Action.say(line);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void faultHasItsOutcomeAndHealthyMailFollows(String name, Step step, Action action, String outcome, Stage stage)
            throws Exception {
        server.follow((at, recipient) ->
                at == step && (step.compareTo(Step.RCPT) < 0 || recipient.startsWith("bad")) ? action : Action.OK);

        SendOutcome first = transport.send(mail("bad@x.test"));
        server.follow((at, recipient) -> Action.OK);
        SendOutcome second = transport.send(mail("good@x.test"));

        assertThat(first.name()).as(first.toString()).isEqualTo(outcome);
        assertThat(first.stage()).as(first.toString()).isEqualTo(stage);
        assertThat(second).isInstanceOf(SendOutcome.Sent.class);
    }

    @Test
    void onlyAnAddressFaultAtRcptSuppresses() throws Exception {
        server.follow((step, recipient) -> step == Step.RCPT ? say("550 5.1.1 no such user") : Action.OK);
        SendOutcome unknownUser = transport.send(mail("a@x.test"));
        server.follow((step, recipient) -> step == Step.RCPT ? say("550 5.7.1 blocked") : Action.OK);
        SendOutcome blocked = transport.send(mail("a@x.test"));
        server.follow((step, recipient) -> step == Step.RCPT
                ? say("550 5.1.8 <app@y.test>: Sender address rejected: Domain not found")
                : Action.OK);
        SendOutcome wrongSender = transport.send(mail("a@x.test"));

        assertThat(((SendOutcome.Failed) unknownUser).suppress()).isTrue();
        assertThat(((SendOutcome.Failed) blocked).suppress()).isFalse();
        assertThat(((SendOutcome.Failed) wrongSender).suppress())
                .as("nothing is wrong with the recipient's")
                .isFalse();
    }

    @Test
    void manyRefusalsLoseNoConnectionForGood() throws Exception {
        server.follow((step, recipient) ->
                step == Step.RCPT && recipient.startsWith("bad") ? say("550 5.1.1 no") : Action.OK);

        for (int i = 0; i < 100; i++) {
            assertThat(transport.send(mail("bad" + i + "@x.test"))).isInstanceOf(SendOutcome.Failed.class);
            assertThat(transport.send(mail("good" + i + "@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        }

        assertThat(server.taken()).hasSize(100);
    }

    @Test
    void serversLastWordsAreKept() throws Exception {
        SendOutcome outcome = transport.send(mail("a@x.test"));

        assertThat(outcome.reply()).isEqualTo(new Reply(250, "2.0.0", "250 2.0.0 Ok: queued as ABC123"));
    }

    @Test
    void reasonAndStatusMayStandInAnyLineOfAReply() throws Exception {
        server.follow((step, recipient) -> step == Step.RCPT
                ? say(
                        "550-5.1.1 The account that you tried to reach does not exist.\r\n550-5.1.1 Look for typing errors.\r\n"
                                + "550 see https://help.example.com")
                : Action.OK);

        SendOutcome outcome = transport.send(mail("a@x.test"));

        assertThat(outcome.reply())
                .isEqualTo(new Reply(
                        550,
                        "5.1.1",
                        "550 5.1.1 The account that you tried to reach does not exist. Look for typing errors."
                                + " see https://help.example.com"));
        assertThat(((SendOutcome.Failed) outcome).suppress()).isTrue();
    }

    @Test
    void nextAddressOfTheHostIsTakenWhereTheFirstIsDown() throws Exception {
        SmtpOpening opening = new SmtpOpening(
                SmtpSettings.parse("smtp://relay.test:" + server.port()), NAME, new Progress(), socket -> {});
        InetAddress down = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        InetAddress up = InetAddress.getLoopbackAddress();

        try (Socket socket = opening.reached(down, up)) {
            assertThat(socket.getInetAddress()).isEqualTo(up);
        }
        assertThatThrownBy(() -> opening.reached(down)).isInstanceOf(ConnectException.class);
    }

    @Test
    void noLineIsLongerThanAServerTakes() throws Exception {
        String name = "あ".repeat(250) + ".txt";
        OutgoingMail plain = mail("a@x.test");
        transport.send(new OutgoingMail(
                plain.recipient(),
                plain.messageId(),
                plain.date(),
                plain.expires(),
                plain.addresses(),
                plain.content(),
                List.of(new Attachment(name, "text/plain", null, new byte[] {1}))));

        String wire = server.taken().get(0).text();
        assertThat(wire.lines()).allMatch(line -> line.length() <= 998);
        var parsed = new jakarta.mail.internet.MimeMessage(
                jakarta.mail.Session.getInstance(new java.util.Properties()),
                new java.io.ByteArrayInputStream(wire.getBytes(StandardCharsets.ISO_8859_1)));
        var parts = (jakarta.mail.internet.MimeMultipart) parsed.getContent();
        assertThat(parts.getBodyPart(1).getFileName()).isEqualTo(name);
    }

    @Test
    void nobodyListeningIsTheTransportsFault() throws Exception {
        server.close();

        assertThat(transport.send(mail("a@x.test"))).isInstanceOf(SendOutcome.TransportFault.class);
    }

    @Test
    void requiredTlsThatIsNotOfferedIsTheTransportsFault() throws Exception {
        try (SmtpTransport tls = new SmtpTransport(
                SmtpSettings.parse("smtp://127.0.0.1:" + server.port() + "?starttls=required"),
                NAME,
                new DkimSigners(Map.of()),
                Duration.ofSeconds(2),
                clock)) {
            assertThat(tls.send(mail("a@x.test"))).isInstanceOf(SendOutcome.TransportFault.class);
        }
        assertThat(server.taken()).isEmpty();
    }

    @Test
    void theServerIsGreetedByTheName() throws Exception {
        transport.send(mail("a@x.test"));

        assertThat(server.greeting()).isEqualTo("EHLO mail.example.com");
    }

    @Test
    void serverThatClosedAnIdleConnectionCostsTheMailNothing() throws Exception {
        assertThat(transport.send(mail("a@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        server.hangUp();

        assertThat(transport.send(mail("b@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        assertThat(server.taken()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"250-scripted\r\n250 PIPELINING", "250 scripted"})
    void serverThatClosesAnIdleConnectionWith421CostsTheMailNothing(String offers) throws Exception {
        AtomicInteger mails = new AtomicInteger();
        server.follow((step, recipient) -> {
            if (step == Step.EHLO) {
                return say(offers);
            }
            return step == Step.MAIL && mails.incrementAndGet() == 2 ? say("421 4.4.2 idle for too long") : Action.OK;
        });
        assertThat(transport.send(mail("a@x.test"))).isInstanceOf(SendOutcome.Sent.class);

        assertThat(transport.send(mail("b@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        assertThat(server.taken()).hasSize(2);
    }

    @Test
    void serverThatSays421OnANewConnectionTooIsAtFault() throws Exception {
        assertThat(transport.send(mail("a@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        server.follow((step, recipient) -> step == Step.MAIL ? say("421 4.7.0 too busy") : Action.OK);

        assertThat(transport.send(mail("b@x.test"))).isInstanceOf(SendOutcome.TransportFault.class);
        assertThat(server.taken()).hasSize(1);
    }

    @Test
    void serverWithoutPipeliningIsAskedStepByStep() throws Exception {
        server.follow((step, recipient) -> step == Step.EHLO ? say("250 scripted") : Action.OK);

        assertThat(transport.send(mail("a@x.test"))).isInstanceOf(SendOutcome.Sent.class);
        server.follow((step, recipient) -> step == Step.RCPT ? say("550 5.1.1 no") : Action.OK);
        assertThat(transport.send(mail("b@x.test"))).isInstanceOf(SendOutcome.Failed.class);
    }

    @Test
    void serverThatWantsAMailWhoseRecipientItRefusedGetsNone() throws Exception {
        server.follow((step, recipient) -> step == Step.RCPT ? say("550 5.1.1 no") : Action.OK);
        server.askForMailAnyway();

        SendOutcome outcome = transport.send(mail("bad@x.test"));

        assertThat(outcome).isInstanceOf(SendOutcome.Failed.class);
        assertThat(server.taken()).allMatch(mail -> mail.text().isEmpty());
    }

    @Test
    void mailLargerThanTheServerTakesFailsUnsaid() throws Exception {
        server.follow((step, recipient) ->
                step == Step.EHLO ? say("250-scripted\r\n250-PIPELINING\r\n250 SIZE 100") : Action.OK);

        SendOutcome outcome = transport.send(mail("a@x.test"));

        assertThat(outcome.reply().enhanced()).isEqualTo("5.3.4");
        assertThat(server.taken()).isEmpty();
    }

    @Test
    void serverThatDoesNotReadEndsAtTheDeadlineAndTheMailWaits() throws Exception {
        server.follow((step, recipient) ->
                step == Step.DATA && recipient.startsWith("slow") ? ScriptedSmtp.Action.READS_NOTHING : Action.OK);

        SendOutcome outcome = transport.send(large("slow@x.test"));

        assertThat(outcome).isInstanceOf(SendOutcome.Deferred.class);
        assertThat(outcome.stage()).isEqualTo(Stage.BODY);
        assertThat(transport.send(mail("good@x.test"))).isInstanceOf(SendOutcome.Sent.class);
    }

    @Test
    void tlsThatFailsIsTheTransportsFault() throws Exception {
        server.follow((step, recipient) -> step == Step.EHLO ? say("250-scripted\r\n250 STARTTLS") : Action.OK);
        server.offerTls();

        SendOutcome outcome = transport.send(mail("a@x.test"));

        assertThat(outcome).isInstanceOf(SendOutcome.TransportFault.class);
        assertThat(outcome.stage()).isEqualTo(Stage.STARTTLS);
        assertThat(server.taken()).isEmpty();
    }

    @Test
    void refusedLoginIsTheTransportsFault() throws Exception {
        server.follow((step, recipient) -> step == Step.EHLO ? say("250-scripted\r\n250 AUTH PLAIN") : Action.OK);
        try (SmtpTransport login = new SmtpTransport(
                SmtpSettings.parse("smtp://u:secret@127.0.0.1:" + server.port()),
                NAME,
                new DkimSigners(Map.of()),
                Duration.ofSeconds(2),
                clock)) {
            SendOutcome outcome = login.send(mail("a@x.test"));

            assertThat(outcome).isInstanceOf(SendOutcome.TransportFault.class);
            assertThat(outcome.stage()).isEqualTo(Stage.AUTH);
            assertThat(outcome.toString()).doesNotContain("secret");
        }
    }

    @Test
    void mailSaysWhatWasMeantAndNothingElse() throws Exception {
        OutgoingMail mail = new OutgoingMail(
                "b@x.test",
                "<id@acme.test>",
                Instant.parse("2026-01-02T03:04:05Z"),
                System.nanoTime() + Duration.ofMinutes(1).toNanos(),
                new OutgoingMail.Addresses(
                        MailAddress.parse("\"Acme, Inc.\" <a@acme.test>"),
                        List.of(MailAddress.parse("Jürgen 🎉 <b@x.test>"), MailAddress.parse("c@x.test")),
                        List.of(MailAddress.parse("d@x.test")),
                        List.of(MailAddress.parse("r@acme.test"))),
                new OutgoingMail.Content(
                        "Grüße 🎉🎉 and a subject so long that it has to be folded somewhere in the middle of it all",
                        "<p>héllo</p>",
                        ".dot\r\n..two\nfrom\rhere",
                        Map.of("X-Note", "ünï")),
                List.of(new Attachment("ré\"p.txt", "text/plain", null, "data".getBytes(StandardCharsets.UTF_8))));

        transport.send(mail);

        var session = jakarta.mail.Session.getInstance(new java.util.Properties());
        String wire = server.taken().get(0).text();
        var parsed = new jakarta.mail.internet.MimeMessage(
                session, new java.io.ByteArrayInputStream(wire.getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(parsed.getSubject())
                .isEqualTo(
                        "Grüße 🎉🎉 and a subject so long that it has to be folded somewhere in the middle of it all");
        assertThat(((jakarta.mail.internet.InternetAddress) parsed.getFrom()[0]).getPersonal())
                .isEqualTo("Acme, Inc.");
        assertThat(((jakarta.mail.internet.InternetAddress)
                                parsed.getRecipients(jakarta.mail.Message.RecipientType.TO)[0])
                        .getPersonal())
                .isEqualTo("Jürgen 🎉");
        assertThat(parsed.getRecipients(jakarta.mail.Message.RecipientType.TO)).hasSize(2);
        assertThat(parsed.getHeader("Cc")).containsExactly("d@x.test");
        assertThat(parsed.getHeader("Reply-To")).containsExactly("r@acme.test");
        assertThat(parsed.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(parsed.getMessageID()).isEqualTo("<id@acme.test>");
        var parts = (jakarta.mail.internet.MimeMultipart) parsed.getContent();
        var alternatives =
                (jakarta.mail.internet.MimeMultipart) parts.getBodyPart(0).getContent();
        assertThat(alternatives.getBodyPart(0).getContent().toString().replace("\r", ""))
                .isEqualTo(".dot\n..two\nfrom\nhere");
        assertThat(alternatives.getBodyPart(1).getContent().toString().strip()).isEqualTo("<p>héllo</p>");
        assertThat(jakarta.mail.internet.MimeUtility.decodeText(
                        parts.getBodyPart(1).getFileName()))
                .contains("p.txt");
    }

    @Test
    void mailThatExpiresWhileAServerTakesItsTimeIsNotTaken() throws InterruptedException {
        server.follow((step, recipient) -> {
            if (step == Step.RCPT && recipient.startsWith("slow")) {
                pause(Duration.ofMillis(60));
            }
            return Action.OK;
        });

        SendOutcome outcome = transport.send(mail("slow@x.test", Duration.ofMillis(50)));

        assertThat(outcome.name()).isEqualTo("deferred");
        assertThat(outcome.reply().text()).contains("it expired before its last dot");
        assertThat(transport.send(mail("next@x.test")).name()).isEqualTo("sent");
        assertThat(server.taken()).extracting(ScriptedSmtp.Taken::recipient).containsExactly("next@x.test");
    }

    private static void pause(Duration pause) {
        LockSupport.parkNanos(pause.toNanos());
    }

    private static OutgoingMail large(String recipient) {
        OutgoingMail small = mail(recipient);
        return new OutgoingMail(
                small.recipient(),
                small.messageId(),
                small.date(),
                small.expires(),
                small.addresses(),
                small.content(),
                List.of(new Attachment("a.bin", "application/octet-stream", null, new byte[20_000_000])));
    }

    private static OutgoingMail mail(String recipient) {
        return mail(recipient, Duration.ofMinutes(1));
    }

    private static OutgoingMail mail(String recipient, Duration left) {
        return new OutgoingMail(
                recipient,
                "<" + recipient + ">",
                Instant.parse("2026-01-02T03:04:05Z"),
                System.nanoTime() + left.toNanos(),
                new OutgoingMail.Addresses(
                        MailAddress.parse("a@acme.test"), List.of(MailAddress.parse(recipient)), List.of(), List.of()),
                new OutgoingMail.Content("Hi", null, "Hello", Map.of()),
                List.of());
    }
}
