package io.pgcaretaker.email.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SealedSecretTest {

    private static final WrappingKey KEY = new WrappingKey(new byte[32]);
    private static final UUID MAIL = UUID.fromString("0190a000-0000-7000-8000-000000000001");

    @Test
    void opensWithItsKeyAndItsMail() {
        SealedSecret secret = SealedSecret.seal("https://x.test/reset?t=1", MAIL, KEY);

        assertThat(secret.open(MAIL, KEY)).isEqualTo("https://x.test/reset?t=1");
        assertThat(new String(secret.sealed(), StandardCharsets.ISO_8859_1)).doesNotContain("reset");
        assertThat(secret.toString()).doesNotContain("reset");
    }

    @Test
    void staysShutForAnotherMailAnotherKeyAndChangedBytes() {
        SealedSecret secret = SealedSecret.seal("x", MAIL, KEY);
        byte[] otherBytes = new byte[32];
        otherBytes[0] = 1;
        byte[] changed = secret.sealed().clone();
        changed[changed.length - 1] ^= 1;

        assertThatThrownBy(() -> secret.open(UUID.randomUUID(), KEY)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> secret.open(MAIL, new WrappingKey(otherBytes)))
                .isInstanceOf(SealBrokenException.class)
                .hasMessageContaining("not configured");
        assertThatThrownBy(() -> new SealedSecret(changed, secret.dataKey(), secret.wrappingKeyId()).open(MAIL, KEY))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void wrongConfiguredKeyIsNamedAndNotShown() {
        assertThatThrownBy(() -> WrappingKey.configured("c2hvcnQ="))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EMAIL_SECRET_KEY")
                .hasMessageNotContaining("c2hvcnQ");
    }
}
