package io.pgcaretaker.email.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSignatureTest {

    /** The example of Svix's own documentation. */
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final Instant AT = Instant.ofEpochSecond(1_614_265_330);
    private static final String BODY = "{\"test\": 2432232314}";
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    @Test
    void signsAsSvixDocumentsIt() {
        assertThat(WebhookSignature.of(List.of(SECRET)).sign(ID, AT, BODY)).isEqualTo(SIGNATURE);
    }

    @Test
    void whileSecretsChangeBothSign() {
        String both = WebhookSignature.of(List.of("whsec_MTIzNDU2Nzg5MDEyMzQ1Ng==", SECRET))
                .sign(ID, AT, BODY);

        assertThat(both.split(" ")).hasSize(2).contains(SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_SHORT123", "whsec_not base64 at all!"})
    void wrongSecretIsRefusedWithoutBeingRepeated(String secret) {
        assertThatThrownBy(() -> WebhookSignature.of(List.of(secret)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("must be whsec_ and at least 16 bytes in base64")
                .message()
                .satisfies(message -> assertThat(secret.length() > 8 && message.contains(secret))
                        .isFalse());
    }
}
