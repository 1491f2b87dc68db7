package io.pgcaretaker.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is undeliverable lets a row go that nobody was told of: it has to be the address that is at fault. */
class MailReceiptTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            sent,       1, 250, 2.0.0,  DELIVERED
            queued,     0, -,   -,      PENDING
            delayed,    3, 451, 4.7.1,  PENDING
            unknown,    1, -,   -,      PENDING
            suppressed, 0, -,   -,      UNDELIVERABLE
            canceled,   0, -,   -,      REFUSED
            canceled,   2, 450, 4.2.1,  REFUSED
            expired,    0, -,   -,      UNTRIED
            expired,    9, 450, 4.2.1,  UNDELIVERABLE
            expired,    9, 450, -,      UNDELIVERABLE
            expired,    9, 450, 4.1.8,  REFUSED
            expired,    9, 451, 4.7.1,  REFUSED
            expired,    9, -,   -,      REFUSED
            failed,     1, 550, 5.1.1,  UNDELIVERABLE
            failed,     1, 550, 5.1.10, UNDELIVERABLE
            failed,     1, 552, 5.2.2,  UNDELIVERABLE
            failed,     1, 550, 5.4.1,  UNDELIVERABLE
            failed,     1, 550, -,      UNDELIVERABLE
            failed,     1, 553, 5.1.7,  REFUSED
            failed,     1, 550, 5.1.8,  REFUSED
            failed,     1, 552, 5.2.3,  REFUSED
            failed,     1, 552, 5.3.4,  REFUSED
            failed,     1, 550, 5.7.1,  REFUSED
            failed,     1, 554, -,      REFUSED
            failed,     1, -,   -,      REFUSED
            failed,     0, -,   -,      REFUSED
            """)
    void onlyTheAddressIsUndeliverable(
            String state, int attempts, Integer code, String enhanced, MailReceipt.State meaning) throws Exception {
        EmailServiceApi.Recipient recipient = JSON.readValue(
                """
                {"id": 1, "state": "%s", "attempts": %d, "last_code": %d, "last_enhanced": %s, "last_reply": null}
                """.formatted(state, attempts, code, JSON.writeValueAsString(enhanced)),
                EmailServiceApi.Recipient.class);

        assertThat(MailReceipt.of(List.of(recipient)).state()).isEqualTo(meaning);
    }
}
