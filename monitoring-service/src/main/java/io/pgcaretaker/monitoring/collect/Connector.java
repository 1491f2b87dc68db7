package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/**
 * Opens a connection of its own for a lane, outside of any pool: a pool would hand out a connection that hangs, and keep
 * a sleeping database awake.
 */
public final class Connector {

    private final Driver driver = loadDriver();
    private final String url;
    private final Properties properties = new Properties();

    public Connector(String url, String username, String password, Duration deadline) {
        this.url = url;
        String seconds = String.valueOf(Math.max(1, deadline.toSeconds()));
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "caretaker-monitoring");
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        // The last resort, should the watchdog not run: a read never waits longer.
        properties.setProperty("socketTimeout", String.valueOf(deadline.toSeconds() + 5));
        properties.setProperty("tcpKeepAlive", "true");
    }

    /** By name: the driver's own annotations are not on the class path, and DriverManager looks elsewhere for it. */
    private static Driver loadDriver() {
        try {
            return Class.forName("org.postgresql.Driver")
                    .asSubclass(Driver.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the PostgreSQL driver is not on the class path", e);
        }
    }

    Connection open() throws SQLException {
        Connection connection = driver.connect(url, properties);
        if (connection == null) {
            throw new SQLException("not a PostgreSQL URL", "08001");
        }
        return connection;
    }
}
