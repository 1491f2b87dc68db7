package io.pgcaretaker.email.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver that was away for weeks has missed more than a statement may take. */
class WebhookBacklogDbTest {

    private static final int MISSED = 2 * WebhookRepository.AGAIN + 5;

    private final TestDatabase database = TestDatabase.createMigrated();
    private final WebhookRepository repository = new WebhookRepository(database.source());

    @BeforeEach
    void missed() {
        database.execute(
                "insert into caretaker.webhook_endpoint values ('away', '{email.sent}'), ('other', '{email.sent}')");
        database.execute("""
                insert into caretaker.email (id, caller, kind, from_address, to_addresses, subject, expires_at)
                values (gen_random_uuid(), 'test', 'plain', 'a@x.test', '{b@x.test}', 'x', now())
                """);
        database.execute("""
                insert into caretaker.webhook_event (endpoint, type, email_id, recipient_id, due_at, attempt, last_error)
                select case when n > 7 then 'away' else 'other' end, 'email.sent', e.id, 1, null, 8, 'refused ' || n
                from caretaker.email e, generate_series(1, %d) n
                """.formatted(MISSED + 7));
    }

    private long count(String where) {
        return database.queryLong("select count(*) from caretaker.webhook_event where " + where);
    }

    @Test
    void isToldAgainInTransactionsOfItsOwn() throws SQLException {
        assertThat(repository.tellAgain("away")).isEqualTo(MISSED);

        assertThat(count("endpoint = 'away' and due_at <= now() and attempt = 0"))
                .isEqualTo(MISSED);
        assertThat(count("endpoint = 'other' and due_at is null")).isEqualTo(7);
        assertThat(database.queryLong(
                        "select count(distinct xmin::text) from caretaker.webhook_event where endpoint = 'away'"))
                .isEqualTo(3);
    }

    @Test
    void isListedWithWhatItMissedAndItsLastError() throws SQLException {
        assertThat(repository.standings())
                .filteredOn(standing -> standing.name().equals("away"))
                .singleElement()
                .satisfies(standing -> {
                    assertThat(standing.givenUp()).isEqualTo(MISSED);
                    assertThat(standing.waiting()).isZero();
                    assertThat(standing.lastError()).isEqualTo("refused " + (MISSED + 7));
                });
        assertThat(repository.isKnown("away")).isTrue();
        assertThat(repository.isKnown("nobody")).isFalse();
    }

    @Test
    void isForgottenBatchByBatchWhileAnotherIsToldAtOnce() throws SQLException {
        WebhookEndpoint other = new WebhookEndpoint(
                "other",
                URI.create("https://hooks.example.com"),
                WebhookSignature.of(List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
                List.of("email.failed"));

        repository.keep(List.of(other));

        assertThat(database.queryLong(
                        "select count(*) from caretaker.webhook_endpoint where name = 'away' and events = '{}'"
                                + " or name = 'other' and events = '{email.failed}'"))
                .isEqualTo(2);
        assertThat(repository.forget(List.of(other))).isFalse();
        assertThat(count("endpoint = 'away'")).isEqualTo(MISSED - WebhookRepository.AGAIN);
        assertThat(repository.forget(List.of(other))).isFalse();
        assertThat(repository.forget(List.of(other))).isTrue();
        assertThat(count("true")).isEqualTo(7);
        assertThat(database.queryLong("select count(*) from caretaker.webhook_endpoint"))
                .isOne();
    }
}
