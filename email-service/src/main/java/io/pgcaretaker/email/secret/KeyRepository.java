package io.pgcaretaker.email.secret;

import io.pgcaretaker.email.EmailConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The configured key, or else one made once and kept in the database, so that every replica has the same. */
@ApplicationScoped
public class KeyRepository {

    private static final int DEADLINE_SECONDS = 5;

    private final DataSource database;
    private final EmailConfig config;
    private volatile @Nullable WrappingKey key;

    KeyRepository(DataSource database, EmailConfig config) {
        this.database = database;
        this.config = config;
    }

    public WrappingKey key() throws SQLException {
        WrappingKey known = key;
        if (known == null) {
            known = config.secretKey().isPresent()
                    ? WrappingKey.configured(config.secretKey().get())
                    : kept();
            key = known;
        }
        return known;
    }

    private WrappingKey kept() throws SQLException {
        byte[] fresh = new byte[WrappingKey.BYTES];
        new SecureRandom().nextBytes(fresh);
        try (Connection connection = database.getConnection()) {
            try (PreparedStatement insert = connection.prepareStatement("""
                    /* caretaker.email-key-make */
                    insert into caretaker.email_key (key)
                    values (?)
                    on conflict (id) do nothing
                    """)) {
                insert.setQueryTimeout(DEADLINE_SECONDS);
                insert.setBytes(1, fresh);
                insert.executeUpdate();
            }
            try (PreparedStatement select = connection.prepareStatement("""
                    /* caretaker.email-key-read */
                    select key
                    from caretaker.email_key
                    where id = 1
                    """)) {
                select.setQueryTimeout(DEADLINE_SECONDS);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return new WrappingKey(row.getBytes(1));
                }
            }
        }
    }
}
