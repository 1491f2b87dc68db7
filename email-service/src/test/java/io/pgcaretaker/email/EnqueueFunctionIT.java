package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code caretaker.enqueue_email}: an application's row and its mail in one commit. */
@ServiceTest(MailServer.class)
class EnqueueFunctionIT {

    TestDatabase database;

    private static String enqueue(Connection connection, String from, String to, String subject, String key)
            throws SQLException {
        try (PreparedStatement call = connection.prepareStatement("""
                select caretaker.enqueue_email(?, array[?], ?, plain => 'Hello', idempotency_key => ?)
                """)) {
            call.setString(1, from);
            call.setString(2, to);
            call.setString(3, subject);
            call.setString(4, key);
            try (ResultSet row = call.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    @Test
    void committedMailIsDeliveredAndRolledBackMailNeverWas() throws Exception {
        String committed;
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            enqueue(connection, "a@acme.test", "rolled-back@sql.test", "Hi", null);
            connection.rollback();
            committed = enqueue(connection, "Acme <a@acme.test>", "Ann <committed@sql.test>", "Hi 🎉", null);
            connection.commit();
        }

        Api.awaitState(committed, "sent");
        assertThat(database.queryLong(
                        "select count(*) from caretaker.email_recipient where address = 'rolled-back@sql.test'"))
                .isZero();
        assertThat(java.util.UUID.fromString(committed).version()).isEqualTo(7);
    }

    @Test
    void sameKeyIsTheSameMail() throws Exception {
        try (Connection connection = database.connect()) {
            String first = enqueue(connection, "a@acme.test", "key@sql.test", "Hi", "sql-key");

            assertThat(enqueue(connection, "a@acme.test", "key@sql.test", "Hi", "sql-key"))
                    .isEqualTo(first);
        }
    }

    @Test
    void applicationNeedsNoRightButToCall() throws Exception {
        database.execute("create role mailing_app; grant usage on schema caretaker to mailing_app");
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            statement.execute("set role mailing_app");
            assertThatThrownBy(() -> enqueue(connection, "a@acme.test", "app@sql.test", "Hi", null))
                    .hasMessageContaining("permission denied");

            database.execute("grant execute on function caretaker.enqueue_email to mailing_app");

            assertThat(enqueue(connection, "a@acme.test", "app@sql.test", "Hi", null))
                    .isNotNull();
        } finally {
            database.execute("drop owned by mailing_app; drop role mailing_app");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\nBcc: e@evil.test <a@x.test>",
                "a@x.test\nRCPT TO:<e@evil.test>",
                "a b@x.test",
                "a@",
                "<>",
                "a@x.test,b@x.test",
                "Name\u202E <a@x.test>",
                "ü@x.test"
            })
    void addressThatHttpRefusesIsRefused(String address) throws Exception {
        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> enqueue(connection, "a@acme.test", address, "Hi", null))
                    .hasMessageContaining("an address must be");
            assertThatThrownBy(() -> enqueue(connection, address, "a@x.test", "Hi", null))
                    .hasMessageContaining("an address must be");
        }
    }

    @Test
    void subjectThatHttpRefusesIsRefused() throws Exception {
        try (Connection connection = database.connect()) {
            for (String subject : new String[] {"x\r\nBcc: e@evil.test", "x\u2028y", "x\u202Ey", "s".repeat(999)}) {
                assertThatThrownBy(() -> enqueue(connection, "a@acme.test", "a@x.test", subject, null))
                        .hasMessageContaining("subject must be");
            }
        }
    }
}
