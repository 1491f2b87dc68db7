package io.pgcaretaker.email.digest;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;

/** Who gets digests, and who wants none. */
@ApplicationScoped
class SubscriptionRepository {

    private static final int DEADLINE_SECONDS = 5;

    private final DataSource database;

    SubscriptionRepository(DataSource database) {
        this.database = database;
    }

    /** A human who may get digests. */
    record Subscriber(UUID id, boolean wanted) {}

    /** Known from now on, if not before. */
    Subscriber of(String address) throws SQLException {
        try (Connection connection = database.getConnection()) {
            try (PreparedStatement insert = connection.prepareStatement("""
                    /* caretaker.digest-recipient-add */
                    insert into caretaker.digest_recipient (address)
                    values (?)
                    on conflict (address) do nothing
                    """)) {
                insert.setQueryTimeout(DEADLINE_SECONDS);
                insert.setString(1, address);
                insert.executeUpdate();
            }
            try (PreparedStatement select = connection.prepareStatement("""
                    /* caretaker.digest-recipient */
                    select id, unsubscribed_at is null as wanted
                    from caretaker.digest_recipient
                    where address = ?
                    """)) {
                select.setQueryTimeout(DEADLINE_SECONDS);
                select.setString(1, address);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return new Subscriber(row.getObject("id", UUID.class), row.getBoolean("wanted"));
                }
            }
        }
    }

    /** Repeating it changes nothing. False when nobody has this id. */
    boolean want(UUID id, boolean wanted) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement("""
                        /* caretaker.digest-recipient-want */
                        update caretaker.digest_recipient
                        set unsubscribed_at = case when not ? then coalesce(unsubscribed_at, clock_timestamp()) end
                        where id = ?
                        """)) {
            update.setQueryTimeout(DEADLINE_SECONDS);
            update.setBoolean(1, wanted);
            update.setObject(2, id);
            return update.executeUpdate() == 1;
        }
    }
}
