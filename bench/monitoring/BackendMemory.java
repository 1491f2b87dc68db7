package monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** The largest anonymous memory of the backends with a name, looked at all the time: an exporter's live for a scrape. */
final class BackendMemory extends Thread {

    private final Watched database;
    private final String application;
    private final AtomicBoolean watching;
    private volatile double most;

    BackendMemory(Watched database, String application, AtomicBoolean watching) {
        this.database = database;
        this.application = application;
        this.watching = watching;
    }

    double most() {
        return most;
    }

    @Override
    public void run() {
        try (Connection connection = database.connectBeside();
                Statement statement = connection.createStatement()) {
            while (watching.get()) {
                try (ResultSet rows = statement.executeQuery(
                        "select pid from pg_stat_activity where application_name = '" + application + "'"
                                + " or (application_name = '' and client_addr is not null and '" + application + "' like 'exporter%')")) {
                    while (rows.next()) {
                        most = Math.max(most, anonymous(rows.getLong(1)));
                    }
                }
                Thread.sleep(20);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private double anonymous(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
