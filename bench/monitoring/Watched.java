package monitoring;

import io.pgcaretaker.cli.local.LocalState;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import support.Stack;

/** The database that is looked at, and the server's own account of what that costs. */
public final class Watched {

    private final Stack stack;
    private final String jdbc;

    /** Where the harness itself asks, so that its own statements count for nobody. */
    private final String beside;

    private final String name;

    public Watched(Stack stack) {
        this.stack = stack;
        LocalState state = stack.state();
        String[] user = URI.create(state.databaseUrl()).getUserInfo().split(":", 2);
        String url = "jdbc:" + state.databaseUrl().replaceFirst("//[^@/]*@", "//");
        jdbc = url + (url.contains("?") ? "&" : "?") + "user=" + user[0] + "&password=" + user[1];
        name = jdbc.replaceFirst("^[^?]*/([^/?]*)\\?.*$", "$1");
        beside = jdbc.replaceFirst("/[^/?]*\\?", "/template1?");
    }

    Stack stack() {
        return stack;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbc);
    }

    /** To another database of the same server. */
    Connection connectTo(String database) throws SQLException {
        return DriverManager.getConnection(jdbc.replaceFirst("/[^/?]*\\?", "/" + database + "?"));
    }

    Connection connectBeside() throws SQLException {
        return DriverManager.getConnection(beside);
    }

    /** Each with a primary key, a second index and TOAST, some rows, and statistics. */
    void makeTables(int from, int to) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists many");
            for (int start = from; start < to; start += 500) {
                statement.execute(
                        """
                        do $$ begin
                          for i in %d..%d loop
                            execute format('create table many.t%%s (id int primary key, number int, text text);
                              create index on many.t%%s (number);
                              insert into many.t%%s select n, n, repeat(''x'', 100) from generate_series(1, 20) n', i, i, i);
                          end loop;
                        end $$
                        """
                                .formatted(start + 1, Math.min(to, start + 500)));
            }
            statement.execute("vacuum analyze");
            statement.execute("checkpoint");
        }
    }

    /** What sessions in the database that is looked at spent executing, as the server counts it. */
    double activeMs() throws Exception {
        try (Connection connection = connectBeside();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select active_time from pg_stat_database where datname = '" + name + "'")) {
            rows.next();
            return rows.getDouble(1);
        }
    }

    /** A session that idles hands its statistics in within a second, or ten when it did so just before. */
    void settle() throws InterruptedException {
        Thread.sleep(10_500);
    }
}
