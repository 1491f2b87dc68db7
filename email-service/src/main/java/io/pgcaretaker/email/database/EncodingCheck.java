package io.pgcaretaker.email.database;

import io.pgcaretaker.startup.DatabaseGate;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import javax.sql.DataSource;

/**
 * A mail may have any character, and Caretaker's own have some that only UTF8 has: elsewhere an alert would be refused when it
 * is needed.
 */
@Singleton
class EncodingCheck {

    /** SQL_ASCII keeps whatever it is given. */
    private static final Set<String> ANY_CHARACTER = Set.of("UTF8", "SQL_ASCII");

    private final DataSource database;
    private final DatabaseGate gate;

    EncodingCheck(DataSource database, DatabaseGate gate) {
        this.database = database;
        this.gate = gate;
    }

    /** After the gate has looked (1). A database that comes later refuses what it cannot keep, mail by mail. */
    void onStart(@Observes @Priority(2) StartupEvent event) throws SQLException {
        if (!gate.isOpen()) {
            return;
        }
        String encoding = encoding();
        if (!ANY_CHARACTER.contains(encoding)) {
            throw new ConfigValidationException(new Problem[] {
                new Problem(
                        "DATABASE_URL must lead to a database of the encoding UTF8, since mails may have any character; this"
                                + " one's is " + encoding
                                + "; give email-service a database of its own, the other services take"
                                + " any encoding")
            });
        }
    }

    private String encoding() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("/* caretaker.email-encoding */ show server_encoding")) {
            row.next();
            return row.getString(1);
        }
    }
}
