package io.pgcaretaker.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.access.AccessConfig;
import jakarta.ws.rs.ProcessingException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmailServiceClientTest {

    private static final MailIntent MAIL = new MailIntent("key", List.of("a@x.test"), "test", Map.of("message", "x"));

    /** "email-service refused the mail" is all that an operator was told whose APP_URL is another one. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Invalid `template.variables.restoreUrl` field: it must lead to the application at APP_URL. | : Invalid `template.variables.restoreUrl` field: it must lead to the application at APP_URL.
            Missing `subject` field.                                                                   | : Missing `subject` field.
            ann@example.com is unknown here                                                            | ''
            Invalid `to` field: ann@example.com is none                                                | ''
            """)
    void aRefusalIsToldWithFieldAndRuleAndWithNobodysValues(String message, String told) {
        assertThat(EmailServiceClient.reason(message)).isEqualTo("email-service refused the mail" + told);
    }

    private static EmailServiceClient client(Supplier<InputStream> answer) {
        EmailServiceApi api = new EmailServiceApi() {
            @Override
            public InputStream read(String authorization, String id) {
                return answer.get();
            }

            @Override
            public InputStream send(String authorization, String key, Email email) {
                return answer.get();
            }
        };
        AccessConfig keys = (AccessConfig) Proxy.newProxyInstance(
                AccessConfig.class.getClassLoader(),
                new Class<?>[] {AccessConfig.class},
                (proxy, method, arguments) -> Optional.empty());
        ObjectMapper json = new ObjectMapper();
        return new EmailServiceClient(new EmailServiceClient.Calls(api, keys, json), json);
    }

    /** A certificate that is not trusted was told as nobody who answers. */
    @Test
    void whyNobodyAnsweredIsToldByItsKind() {
        EmailServiceClient client = client(() -> {
            throw new ProcessingException(new SSLHandshakeException("of https://mail.internal"));
        });

        assertThat(client.handOver(MAIL))
                .isEqualTo(new MailGateway.Outcome.Unavailable("email-service gave no answer: SSLHandshakeException"));
        assertThat(client.look("id").word()).isEqualTo("email-service gave no answer: SSLHandshakeException");
    }

    @Test
    void answerThatSaysNothingOfRecipientsIsNone() {
        EmailServiceClient client = client(() -> new ByteArrayInputStream(new byte[] {'{', '}'}));

        assertThat(client.look("id").state()).isEqualTo(MailReceipt.State.NO_ANSWER);
    }
}
