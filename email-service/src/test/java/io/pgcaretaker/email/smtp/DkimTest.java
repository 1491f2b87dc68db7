package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.intake.Attachment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.james.jdkim.DKIMVerifier;
import org.apache.james.jdkim.exceptions.FailException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, read by another's verifier. */
class DkimTest {

    private static KeyPair keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        keys = generator.generateKeyPair();
    }

    private record Dkim(String selector, Optional<String> key, Optional<String> keyFile) implements EmailConfig.Dkim {}

    private static DkimSigners signers(String pem) {
        return new DkimSigners(Map.of("acme.test", new Dkim("ctk", Optional.of(pem), Optional.empty())));
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + kind + "-----\n";
    }

    private static String pkcs8() {
        return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static OutgoingMail mail(
            String from, String subject, String html, String text, Map<String, String> headers) {
        return new OutgoingMail(
                "b@x.test",
                "<id@acme.test>",
                Instant.parse("2026-01-02T03:04:05Z"),
                System.nanoTime() + Duration.ofMinutes(1).toNanos(),
                new OutgoingMail.Addresses(
                        MailAddress.parse(from),
                        List.of(MailAddress.parse("Jürgen 🎉 <b@x.test>"), MailAddress.parse("c@x.test")),
                        List.of(),
                        List.of(MailAddress.parse("r@acme.test"))),
                new OutgoingMail.Content(subject, html, text, headers),
                html == null ? List.of() : List.of(new Attachment("a.txt", "text/plain", null, new byte[3_000])));
    }

    static Stream<OutgoingMail> mails() {
        String from = "\"Acme, Inc.\" <a@ACME.test>";
        return Stream.of(
                mail(from, "Hi", null, "Hello", Map.of()),
                mail(from, "Hi", null, "ends in blanks  \t \n\n.dot\n..two\n.\n  a   b\t c \n\n\n", Map.of()),
                mail(
                        from,
                        "Grüße 🎉 and a subject so long that it has to be folded in the middle of it",
                        "<p>ü</p>",
                        "ü",
                        Map.of()),
                mail(
                        from,
                        "A subject so long that it has to be folded in the middle of it, all in ASCII",
                        null,
                        "x",
                        Map.of(
                                "List-Unsubscribe",
                                "<https://mail.acme.test/api/email/unsubscribe/abc>",
                                "List-Unsubscribe-Post",
                                "List-Unsubscribe=One-Click",
                                "X-Other",
                                "ünsigned")),
                mail(
                        from,
                        "",
                        null,
                        "x".repeat(5_000),
                        Map.of("References", "<a@x.test>", "In-Reply-To", "<a@x.test>")));
    }

    private static String wire(OutgoingMail mail, DkimSigners signers) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MimeMail.of(mail, signers).writeTo(out);
        // As the receiver reads it.
        return out.toString(StandardCharsets.ISO_8859_1).replaceAll("(?m)^\\.\\.", ".");
    }

    private static int verified(String wire) throws Exception {
        String record = "v=DKIM1; k=rsa; p="
                + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
        DKIMVerifier verifier = new DKIMVerifier((method, selector, domain) ->
                selector.toString().equals("ctk") && domain.toString().equals("acme.test")
                        ? List.of(record)
                        : List.of());
        var signatures = verifier.verify(new ByteArrayInputStream(wire.getBytes(StandardCharsets.ISO_8859_1)));
        return signatures == null ? 0 : signatures.size();
    }

    @ParameterizedTest
    @MethodSource("mails")
    void anotherVerifierAcceptsTheSignature(OutgoingMail mail) throws Exception {
        String wire = wire(mail, signers(pkcs8()));

        assertThat(verified(wire)).isEqualTo(1);
        assertThat(wire.split("\r\n", -1)).allMatch(line -> line.length() <= 998);
    }

    /** The value of RFC 6376, section 3.4.4; jDKIM would have a line there. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n\n"})
    void bodyWithoutAWordIsEmpty(String text) throws Exception {
        assertThat(wire(mail("a@acme.test", "Hi", null, text, Map.of()), signers(pkcs8())))
                .contains("bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    /** Debian's python3-dkim; skipped where it is not installed. */
    @Test
    void verifierInPythonAcceptsThemToo() throws Exception {
        assumeTrue(python("import dkim", new byte[0]) == 0, "skipped: python3-dkim is not installed");
        String record = "v=DKIM1; k=rsa; p="
                + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
        String script = "import dkim, sys; sys.exit(0 if dkim.verify(sys.stdin.buffer.read(),"
                + " dnsfunc=lambda name, timeout=5: b'" + record + "') else 1)";
        List<OutgoingMail> all = new ArrayList<>(mails().skip(3).toList());
        all.add(mail("a@acme.test", "Hi", null, "", Map.of()));
        for (OutgoingMail mail : all) {
            String wire = wire(mail, signers(pkcs8()));
            assertThat(python(script, wire.getBytes(StandardCharsets.ISO_8859_1)))
                    .isZero();
            assertThat(python(
                            script,
                            wire.replace("Subject:", "From: e@x.test\r\nSubject:")
                                    .getBytes(StandardCharsets.ISO_8859_1)))
                    .isEqualTo(1);
        }
    }

    private static int python(String script, byte[] input) throws InterruptedException {
        try {
            Process process = new ProcessBuilder("python3", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var in = process.getOutputStream()) {
                in.write(input);
            }
            return process.waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void whatIsChangedOnTheWayBreaksIt() throws Exception {
        String wire = wire(
                mail("a@acme.test", "Hi", null, "Hello", Map.of("List-Unsubscribe", "<https://mail.acme.test/u>")),
                signers(pkcs8()));

        for (String changed : List.of(
                wire.replace("Hello", "Hallo"),
                wire.replace("Subject: Hi", "Subject: Ho"),
                wire.replace("mail.acme.test/u", "mail.evil.test/u"),
                wire.replace("Subject:", "From: evil@x.test\r\nSubject:"),
                wire.replace("Subject:", "Cc: more@x.test\r\nSubject:"),
                wire.replace("Subject:", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nSubject:"))) {
            assertThat(changed).isNotEqualTo(wire);
            assertThatThrownBy(() -> verified(changed)).isInstanceOf(FailException.class);
        }
    }

    @Test
    void onlyASendersOwnDomainIsSigned() throws Exception {
        assertThat(wire(mail("a@other.test", "Hi", null, "x", Map.of()), signers(pkcs8())))
                .doesNotContain("DKIM-Signature");
    }

    @Test
    void olderKeyFormatIsRead() throws Exception {
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        // The PKCS#1 key is PKCS#8's last element, after 26 bytes of head.
        String pkcs1 = pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));

        assertThat(verified(wire(mail("a@acme.test", "Hi", null, "x", Map.of()), signers(pkcs1))))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SECRETSECRET", "-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----"})
    void wrongKeyStopsTheStartWithoutBeingRepeated(String key) {
        assertThatThrownBy(() -> signers(key))
                .hasMessageStartingWith("caretaker.email.dkim.\"acme.test\".key must be an RSA key")
                .hasMessageNotContaining("SECRET");
    }
}
