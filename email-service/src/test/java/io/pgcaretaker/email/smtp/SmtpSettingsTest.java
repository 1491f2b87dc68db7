package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.email.smtp.SmtpSettings.StartTls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpSettingsTest {

    @Test
    void readsHostPortAndCredentials() {
        assertThat(SmtpSettings.parse("smtp://u%40x:p%3Aw@relay.x.test:2525"))
                .isEqualTo(new SmtpSettings("relay.x.test", 2525, false, StartTls.REQUIRED, "u@x", "p:w"));
        assertThat(SmtpSettings.parse("smtps://relay.x.test"))
                .isEqualTo(new SmtpSettings("relay.x.test", 465, true, StartTls.DISABLED, null, null));
    }

    @Test
    void tlsMayBeMissingOnlyOnThisMachineOrWhenAskedFor() {
        assertThat(SmtpSettings.parse("smtp://127.0.0.1:25").startTls()).isEqualTo(StartTls.OPTIONAL);
        assertThat(SmtpSettings.parse("smtp://relay:25").startTls()).isEqualTo(StartTls.REQUIRED);
        assertThat(SmtpSettings.parse("smtp://relay:25?starttls=optional").startTls())
                .isEqualTo(StartTls.OPTIONAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "relay",
                "http://relay",
                "smtp://",
                "smtp://u@relay",
                "smtp://u:secret@relay:0",
                "smtp://u:secret@relay:70000",
                "smtp://u:secret@relay?starttls=maybe",
                "smtp://u:secret%zz@relay",
                "smtp://u:secret@relay/path"
            })
    void refusesTheRestWithoutRepeatingIt(String url) {
        assertThatThrownBy(() -> SmtpSettings.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be smtp://")
                .hasMessageNotContaining("secret@");
    }

    @Test
    void neverPrintsThePassword() {
        assertThat(SmtpSettings.parse("smtp://u:hunter2@relay").toString()).doesNotContain("hunter2");
    }
}
