package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.email.smtp.ScriptedSmtpResource;
import io.pgcaretaker.outbox.EmailServiceClient;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.testing.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the other services make of a conflict: one that will never pass ends the intent, one that will is repeated. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@WithTestResource(ScriptedSmtpResource.class)
class MailGatewayDbTest {

    @Inject
    EmailServiceClient client;

    private MailGateway.Outcome handOver(String key) {
        return client.handOver(new MailIntent(key, List.of("a@x.test"), "test", Map.of("message", "x")));
    }

    @Test
    void keyOfAnotherMailIsNotRepeatedForEver() {
        assertThat(handOver("invalid_idempotent_request")).isInstanceOf(MailGateway.Outcome.Rejected.class);
    }

    @Test
    void keyThatIsBusyIsRepeated() {
        assertThat(handOver("concurrent_idempotent_requests")).isInstanceOf(MailGateway.Outcome.Unavailable.class);
    }
}
