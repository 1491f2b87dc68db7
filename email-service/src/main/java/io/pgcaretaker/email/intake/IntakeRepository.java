package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.database.IndexedTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Commits a request's mails and its idempotency key in one transaction. */
@ApplicationScoped
class IntakeRepository {

    /** PostgreSQL's lock_not_available. */
    private static final String LOCK_TIMEOUT = "55P03";

    private final DataSource database;
    private final EmailWriter writer;

    IntakeRepository(DataSource database, EmailWriter writer) {
        this.database = database;
        this.writer = writer;
    }

    /** Mails without keys, of any number of requests. */
    void write(List<NewEmail> emails) throws SQLException {
        IndexedTransaction.run(database, connection -> {
            writer.write(connection, emails);
            return emails.size();
        });
    }

    AcceptOutcome accept(List<NewEmail> emails, @Nullable IdempotencyKey key) throws SQLException {
        try {
            return IndexedTransaction.run(database, connection -> accept(connection, emails, key));
        } catch (SQLException e) {
            if (key != null && LOCK_TIMEOUT.equals(e.getSQLState())) {
                return new AcceptOutcome.KeyBusy();
            }
            throw e;
        }
    }

    private AcceptOutcome accept(Connection connection, List<NewEmail> emails, @Nullable IdempotencyKey key)
            throws SQLException {
        try (Statement deadlines = connection.createStatement()) {
            deadlines.execute(
                    "/* caretaker.email-accept */ set local lock_timeout = '3s'; set local statement_timeout = '10s'");
        }
        List<UUID> ids = emails.stream().map(NewEmail::id).toList();
        if (key != null && !reserve(connection, key, ids)) {
            return earlier(connection, key);
        }
        writer.write(connection, emails);
        return new AcceptOutcome.Accepted(ids, false);
    }

    /** Waits for a transaction that holds the same key; then it is either committed or the key is free. */
    private static boolean reserve(Connection connection, IdempotencyKey key, List<UUID> ids) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                /* caretaker.email-idempotency-reserve */
                insert into caretaker.email_idempotency as known (caller, endpoint, key, request, email_ids, expires_at)
                values (?, ?, ?, ?, ?, ?)
                on conflict (caller, endpoint, key) do update
                set request = excluded.request,
                    email_ids = excluded.email_ids,
                    created_at = clock_timestamp(),
                    expires_at = excluded.expires_at
                where known.expires_at <= clock_timestamp()
                """)) {
            insert.setString(1, key.caller());
            insert.setString(2, key.endpoint());
            insert.setString(3, key.key());
            insert.setBytes(4, key.request());
            insert.setArray(5, connection.createArrayOf("uuid", ids.toArray()));
            insert.setTimestamp(6, Timestamp.from(key.expiresAt()));
            return insert.executeUpdate() == 1;
        }
    }

    private static AcceptOutcome earlier(Connection connection, IdempotencyKey key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                /* caretaker.email-idempotency-read */
                select request, email_ids
                from caretaker.email_idempotency
                where caller = ?
                  and endpoint = ?
                  and key = ?
                """)) {
            select.setString(1, key.caller());
            select.setString(2, key.endpoint());
            select.setString(3, key.key());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return new AcceptOutcome.KeyBusy();
                }
                return Arrays.equals(row.getBytes("request"), key.request())
                        ? new AcceptOutcome.Accepted(
                                Arrays.asList((UUID[]) row.getArray("email_ids").getArray()), true)
                        : new AcceptOutcome.KeyReused();
            }
        }
    }
}
