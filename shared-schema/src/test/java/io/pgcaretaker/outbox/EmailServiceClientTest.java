package io.pgcaretaker.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmailServiceClientTest {

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
}
